/**
 * Transfer through local maps: one slot, set and cleared for each page in turn.
 */
import type { Context } from './machine.ts';
import { MOST_ENTRIES, moveThrough, openings, startsPlain } from './transfer.ts';
import type { TransferJob } from './transfer.ts';

/** Moves pieces of system RAM, each within a page, through `kmap_local_page`'s slots. */
export function transferLocal(context: Context, job: TransferJob): number {
  const { machine } = context;
  if (!startsPlain(job, MOST_ENTRIES)) return 0;
  machine.enter(context);
  if (!machine.isUnseen || machine.config.kmapHighGet) return 0;
  const slot = machine.localSlots.beginSeries(context.task, context.cpu);
  if (slot < 0) return 0;
  const { memory, ledger, pageTable } = machine.hardware;
  const gate = {
    ptes: pageTable.local.entries,
    slot,
    closedUpTo: machine.config.forceMap ? 0 : memory.directEnd,
    openUpTo: MOST_ENTRIES,
  };
  const maps = moveThrough(job, gate);
  machine.localSlots.endSeries(context.task, openings(job, maps, gate));
  ledger.maps += maps;
  ledger.unmaps += maps;
  return maps;
}
