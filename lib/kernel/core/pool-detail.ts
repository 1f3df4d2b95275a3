/**
 * The pool behind a mapping, as a report of a leak shows it.
 */
import type { Detail } from '../../machine/violation.ts';
import type { DeviceOwned } from '../parts/device-owned.ts';
import type { PkmapPool } from '../parts/pkmap.ts';
import type { VmallocArea } from '../parts/vmalloc.ts';
import type { Window } from '../window/window.ts';

/** The pools of a machine. */
export interface Pools {
  readonly pkmap: PkmapPool;
  readonly vmalloc: VmallocArea;
  readonly deviceOwned: DeviceOwned;
}

/** Describes the pool that a mapping takes space from, with its free and its total space; `undefined` without a pool. */
export function poolDetail({ pkmap, vmalloc, deviceOwned }: Pools, window: Window): Detail | undefined {
  const { pool } = window.how;
  const describe = (free: number, total: number, unit: string, rest = ''): Detail => ({
    label: 'pool',
    text: `${pool ?? ''}: ${String(free)} of ${String(total)} ${unit} free${rest}`,
  });
  if (pool === 'kmap pool') {
    const total = pkmap.counts.length;
    return describe(total - pkmap.slotsInUse, total, 'slots', `\n${pkmap.dump().text}`);
  }
  if (pool === 'vmalloc area') return describe(vmalloc.freePages, vmalloc.pages, 'pages');
  const bounce = deviceOwned.poolInUse(window.page);
  if (pool === undefined || bounce === undefined) return undefined;
  return describe(bounce.slots - bounce.slotsInUse, bounce.slots, 'slots');
}
