/**
 * Transfer through local maps: one slot, set and cleared for each page in turn.
 */
import type { Context } from './machine.ts';
import { Mover, keptEntries } from './transfer.ts';
import type { TransferJob } from './transfer.ts';

/** Moves entries of system RAM, one page each, through `kmap_local_page`'s slots. */
export function transferLocal(context: Context, job: TransferJob): number {
  const { machine } = context;
  machine.enter(context);
  if (!machine.isUnwatched || machine.config.kmapHighGet) return 0;
  const slot = machine.localSlots.beginSeries(context.task, context.cpu);
  if (slot < 0) return 0;
  const { memory, ledger, pageTable } = machine.hardware;
  const { pages, offsets, lengths } = job.list;
  const kept = keptEntries(job.list);
  const { pages: keptPages, offsets: keptOffsets, lengths: keptLengths, pfns } = kept;
  const mover = new Mover(job, kept);
  const ptes = pageTable.local.entries;
  const slotsFrom = machine.config.forceMap ? 0 : memory.directEnd;
  const { endSlot } = job;
  let at = job.bufferOffset;
  let slotted = 0;
  let entry = job.firstSlot;
  for (; entry < endSlot; entry += 1) {
    const isKept =
      keptPages[entry] === pages[entry] &&
      keptOffsets[entry] === offsets[entry] &&
      keptLengths[entry] === lengths[entry];
    if (!isKept && !kept.keep(job.list, entry, 1)) break;
    const pfn = pfns[entry] ?? 0;
    if (pfn < slotsFrom) at += mover.move(entry, at);
    else {
      ptes[slot] = pfn + 1;
      at += mover.move(entry, at);
      ptes[slot] = 0;
      slotted += 1;
    }
  }
  const maps = entry - job.firstSlot;
  machine.localSlots.endSeries(context.task, slotted);
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
