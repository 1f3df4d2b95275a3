/**
 * Transfer at permanent addresses: a piece of many pages moves in one go where they lie in one run.
 */
import type { Context } from './machine.ts';
import { moveThrough, startsPlain } from './transfer.ts';
import type { TransferJob } from './transfer.ts';

/** The gate of whoever needs none. */
export const NO_PTES: Int32Array = new Int32Array(1);

/** Moves pieces of directly mapped RAM. */
export function transferDirect(context: Context, job: TransferJob): number {
  const { machine } = context;
  const { memory, ledger } = machine.hardware;
  if (!startsPlain(job, memory.directEnd)) return 0;
  machine.enter(context);
  if (!machine.isUnseenIn(job.segments, job.end)) return 0;
  const gate = { ptes: NO_PTES, slot: 0, closedUpTo: memory.directEnd, openUpTo: memory.directEnd };
  const maps = moveThrough(job, gate);
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
