/**
 * Transfer through the kmap pool: a use of each page's slot, taken and dropped.
 */
import { setBytes } from '../base/bytes.ts';
import type { Context } from './machine.ts';
import { maySleep } from './preempt.ts';
import { MOST_ENTRIES, startsPlain, viewIn } from './transfer.ts';
import type { TransferJob } from './transfer.ts';

/** Moves pieces of system RAM, each within a page, through the pool; what the pool cannot take at once is left. */
export function transferPool(context: Context, job: TransferJob): number {
  const { machine } = context;
  if (!startsPlain(job, MOST_ENTRIES)) return 0;
  machine.enter(context);
  if (!machine.isUnwatched || !maySleep(context)) return 0;
  const { pkmap } = machine;
  const { memory, ledger } = machine.hardware;
  const { segments, end, buffer, toBuffer } = job;
  const { entries } = segments;
  const { directEnd } = memory;
  let at = job.bufferOffset;
  let guess = 0;
  let piece = job.first;
  for (; piece < end; piece += 1) {
    const view = viewIn(job, piece);
    if (view === undefined) break;
    const pfn = (entries[piece] ?? 0) - 1;
    const slot = pfn < directEnd ? -1 : pkmap.getAtOnce(pfn, guess);
    if (slot < 0 && pfn >= directEnd) break;
    guess = slot + 1;
    if (toBuffer) setBytes(buffer, view, at);
    else setBytes(view, new Uint8Array(buffer.buffer, buffer.byteOffset + at, view.length), 0);
    if (slot >= 0) pkmap.putSlot(slot);
    at += view.length;
  }
  const maps = piece - job.first;
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
