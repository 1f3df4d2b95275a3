/**
 * Transfer through the kmap pool: a use of each page's slot, taken and dropped.
 */
import { setBytes } from '../base/bytes.ts';
import type { Context } from './machine.ts';
import { maySleep } from './preempt.ts';
import { GREATEST_ENTRY, bytesIn, goesInRuns, startsPlain } from './transfer.ts';
import type { TransferJob } from './transfer.ts';

/** Moves pieces of system RAM, each within a page, through the pool; what the pool cannot take at once is left. */
export function transferPool(context: Context, job: TransferJob): number {
  const { machine } = context;
  if (!startsPlain(job, GREATEST_ENTRY)) return 0;
  machine.enter(context);
  if (!machine.isUnwatched || !maySleep(context)) return 0;
  const { pkmap } = machine;
  const { memory, ledger } = machine.hardware;
  const { segments, first, end, buffer, toBuffer } = job;
  const { entries } = segments;
  const { directEnd } = memory;
  const inRuns = goesInRuns(job);
  let at = job.bufferOffset;
  let guess = 0;
  let piece = first;
  while (piece < end) {
    const runEnd = inRuns ? segments.runEnd(piece, end) : piece + 1;
    let stop = piece;
    for (; stop < runEnd; stop += 1) {
      const entry = entries[stop] ?? 0;
      if (entry === 0) break;
      if (entry <= directEnd) continue;
      const slot = pkmap.getAtOnce(entry - 1, guess);
      if (slot < 0) break;
      guess = slot + 1;
      pkmap.putSlot(slot);
    }
    const bytes = stop > piece ? bytesIn(job, piece, stop) : undefined;
    if (bytes === undefined) break;
    if (toBuffer) setBytes(buffer, bytes, at);
    else setBytes(bytes, new Uint8Array(buffer.buffer, buffer.byteOffset + at, bytes.length), 0);
    at += bytes.length;
    piece = stop;
  }
  const maps = piece - first;
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
