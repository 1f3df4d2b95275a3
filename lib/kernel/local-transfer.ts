/**
 * Transfer through local maps: one slot, set for each page in turn and cleared behind the last.
 */
import type { Context } from './machine.ts';
import { openings } from './gate.ts';
import type { Gate } from './gate.ts';
import { GREATEST_ENTRY, moveThrough, startsPlain } from './transfer.ts';
import type { PieceRange, TransferJob } from './transfer.ts';

/** Takes the next local slot for a series of maps; nothing where a map would be refused, reported or made elsewhere. */
export function localGate({ machine, task, cpu }: Context): Gate | undefined {
  const { localSlots } = machine;
  const { localMaps } = task;
  const isQuiet = localMaps.quietZone !== undefined;
  const slot = isQuiet ? localSlots.beginQuiet(localMaps) : localSlots.beginSeries(task, cpu);
  if (slot < 0) return undefined;
  return { ptes: localSlots.ptes, slot, closedUpTo: localSlots.slotsFrom, openUpTo: GREATEST_ENTRY };
}

/** Gives the slot back after `maps` maps, and counts them: those that needed it, and those that did not. */
export function closeLocalGate(
  { machine, task }: Context,
  gate: Gate,
  range: PieceRange,
  maps: number,
): void {
  const opened = openings(range, maps, gate);
  task.localMaps.endSeries(opened);
  if (opened === maps) return;
  const { ledger } = machine.hardware;
  ledger.maps += maps - opened;
  ledger.unmaps += maps - opened;
}

/** Moves pieces of system RAM, each within a page, through `kmap_local_page`'s slots. */
export function transferLocal(context: Context, job: TransferJob): number {
  const { machine } = context;
  if (!startsPlain(job, GREATEST_ENTRY)) return 0;
  machine.enter(context);
  const gate = machine.isUnseenIn(job.segments, job.end) ? localGate(context) : undefined;
  if (gate === undefined) return 0;
  const maps = moveThrough(job, gate);
  closeLocalGate(context, gate, job, maps);
  return maps;
}
