/**
 * The slot tables as they stand after each event: rebuilt from the trace.
 */
import { hex } from '../../base/units.ts';
import type { TraceEvent } from '../../machine/trace.ts';

/** What is mapped where at one moment: a line for each slot in use. */
export interface SlotTable {
  readonly local: readonly string[];
  readonly pool: readonly string[];
  /** Mappings that are live: what, by whom, where made. */
  readonly live: readonly string[];
}

/** The slot tables after each event. */
export function slotTables(events: readonly TraceEvent[]): readonly SlotTable[] {
  const local = new Map<number, number>();
  const pool = new Map<number, number>();
  const live = new Map<number, string>();
  return events.map((event) => {
    if (event.event === 'local-set') local.set(event.slot, event.pfn);
    else if (event.event === 'local-clear') local.delete(event.slot);
    else if (event.event === 'pkmap-set') pool.set(event.slot, event.pfn);
    else if (event.event === 'pkmap-clear') pool.delete(event.slot);
    else if (event.event === 'map') {
      live.set(event.serial, `pfn ${hex(event.pfn)}  ${event.mechanism} by ${event.by.name}`);
    } else if (event.event === 'unmap') live.delete(event.serial);
    return { local: lines(local), pool: lines(pool), live: [...live.values()] };
  });
}

function lines(slots: ReadonlyMap<number, number>): readonly string[] {
  return [...slots].sort(([a], [b]) => a - b).map(([slot, pfn]) => `${String(slot)}: pfn ${hex(pfn)}`);
}
