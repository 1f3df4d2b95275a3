/**
 * Transfer through local maps: one slot, set and cleared for each page in turn.
 */
import type { Context } from './machine.ts';
import { MOST_ENTRIES, moveThrough, openings, startsPlain } from './transfer.ts';
import type { Gate, TransferJob } from './transfer.ts';

/** Takes the next local slot for a series of maps; nothing where a map would be refused, reported or made elsewhere. */
export function localGate({ machine, task, cpu }: Context): Gate | undefined {
  const { config, localSlots, hardware } = machine;
  const slot = config.kmapHighGet ? -1 : localSlots.beginSeries(task, cpu);
  if (slot < 0) return undefined;
  const closedUpTo = config.forceMap ? 0 : hardware.memory.directEnd;
  return { ptes: localSlots.ptes, slot, closedUpTo, openUpTo: MOST_ENTRIES };
}

/** Moves pieces of system RAM, each within a page, through `kmap_local_page`'s slots. */
export function transferLocal(context: Context, job: TransferJob): number {
  const { machine } = context;
  if (!startsPlain(job, MOST_ENTRIES)) return 0;
  machine.enter(context);
  const gate = machine.isUnseen ? localGate(context) : undefined;
  if (gate === undefined) return 0;
  const { ledger } = machine.hardware;
  const maps = moveThrough(job, gate);
  machine.localSlots.endSeries(context.task, openings(job, maps, gate));
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
