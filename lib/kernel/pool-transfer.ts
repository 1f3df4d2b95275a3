/**
 * Transfer through the kmap pool: a use of each page's slot, taken and dropped.
 */
import type { Context } from './machine.ts';
import { maySleep } from './preempt.ts';
import { Mover, keptEntries } from './transfer.ts';
import type { TransferJob } from './transfer.ts';

/** Moves entries of system RAM, one page each, through the pool; what the pool cannot take at once is left. */
export function transferPool(context: Context, job: TransferJob): number {
  const { machine } = context;
  machine.enter(context);
  if (!machine.isUnwatched || !maySleep(context)) return 0;
  const { memory, ledger } = machine.hardware;
  const { pages, offsets, lengths } = job.list;
  const kept = keptEntries(job.list);
  const mover = new Mover(job, kept);
  let at = job.bufferOffset;
  let entry = job.firstSlot;
  for (; entry < job.endSlot; entry += 1) {
    const isKept =
      kept.pages[entry] === pages[entry] &&
      kept.offsets[entry] === offsets[entry] &&
      kept.lengths[entry] === lengths[entry];
    if (!isKept && !kept.keep(job.list, entry, 1)) break;
    const pfn = kept.pfns[entry] ?? 0;
    const pooled = pfn >= memory.directEnd;
    const slot = pooled ? machine.pkmap.getAtOnce(pfn) : -1;
    if (pooled && slot < 0) break;
    at += mover.move(entry, at);
    if (pooled) machine.pkmap.putSlot(slot);
  }
  const maps = entry - job.firstSlot;
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
