/**
 * Filling pieces of a list through one mapping mechanism, without a token per page: as `Transfer`, with no buffer.
 */
import { fillBytes } from '../base/bytes.ts';
import { NO_PTES } from './direct-transfer.ts';
import { closeLocalGate, localGate } from './local-transfer.ts';
import type { Context } from './machine.ts';
import { GREATEST_ENTRY, bytesIn, openRun, startsPlain } from './transfer.ts';
import type { Gate } from './gate.ts';
import type { PieceRange } from './transfer.ts';

/** Which bytes of a list, and what each becomes. */
export interface FillJob extends PieceRange {
  readonly value: number;
}

/** Fills pieces, in order, until the first that it cannot; answers how many it filled. */
export type TransferFill = (job: FillJob) => number;

/** Fills pieces of system RAM, each within a page, through `kmap_local_page`'s slots. */
export function fillLocal(context: Context, job: FillJob): number {
  const { machine } = context;
  if (!startsPlain(job, GREATEST_ENTRY)) return 0;
  machine.enter(context);
  const gate = machine.isUnseenIn(job.segments, job.end) ? localGate(context) : undefined;
  if (gate === undefined) return 0;
  const maps = fillThrough(job, gate);
  closeLocalGate(context, gate, job, maps);
  return maps;
}

/** Fills pieces of directly mapped RAM. */
export function fillDirect(context: Context, job: FillJob): number {
  const { machine } = context;
  const { memory, ledger } = machine.hardware;
  const { directEnd } = memory;
  if (!startsPlain(job, directEnd)) return 0;
  machine.enter(context);
  if (!machine.isUnseenIn(job.segments, job.end)) return 0;
  const maps = fillThrough(job, { ptes: NO_PTES, slot: 0, closedUpTo: directEnd, openUpTo: directEnd });
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}

function fillThrough(job: FillJob, gate: Gate): number {
  const { segments, first, end, value } = job;
  let next = first;
  while (next < end) {
    const stop = openRun(segments, gate, next, end);
    const bytes = stop > next ? bytesIn(job, next, stop) : undefined;
    if (bytes === undefined) break;
    fillBytes(bytes, value);
    next = stop;
  }
  gate.ptes[gate.slot] = 0;
  return next - first;
}
