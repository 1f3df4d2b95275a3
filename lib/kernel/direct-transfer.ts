/**
 * Transfer at permanent addresses: an entry of many pages moves in one go where they lie in one run.
 */
import type { Context } from './machine.ts';
import { Mover, keptEntries } from './transfer.ts';
import type { TransferJob } from './transfer.ts';

/** Moves entries of directly mapped RAM. */
export function transferDirect(context: Context, job: TransferJob): number {
  const { machine } = context;
  machine.enter(context);
  if (!machine.isUnwatched) return 0;
  const { memory, ledger } = machine.hardware;
  const { pages, offsets, lengths } = job.list;
  const kept = keptEntries(job.list);
  const { pages: keptPages, offsets: keptOffsets, lengths: keptLengths, pfns } = kept;
  const mover = new Mover(job, kept);
  const { directEnd, pageShift } = memory;
  let at = job.bufferOffset;
  let entry = job.firstSlot;
  for (; entry < job.endSlot; entry += 1) {
    const isKept =
      keptPages[entry] === pages[entry] &&
      keptOffsets[entry] === offsets[entry] &&
      keptLengths[entry] === lengths[entry];
    if (!isKept && !kept.keep(job.list, entry, Infinity)) break;
    const pagesAtMost = ((keptLengths[entry] ?? 0) >>> pageShift) + 2;
    if ((pfns[entry] ?? 0) + pagesAtMost > directEnd) break;
    at += mover.move(entry, at);
  }
  const maps = entry - job.firstSlot;
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
