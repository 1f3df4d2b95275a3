/**
 * The check that a task holds no local map: `kmap_assert_nomap`.
 */
import { hex } from '../../base/units.ts';
import type { Context } from '../core/machine.ts';

/**
 * Reports a violation if the running task holds local maps. The kernel checks this on each return to user mode.
 *
 * @linux kmap_assert_nomap (7.2)
 * @context any; does not sleep
 */
export function kmapAssertNomap(context: Context): void {
  const { machine, task } = context;
  machine.enter(context);
  if (task.localMaps.idx === 0) return;
  const newest = task.localWindows.findLast((window) => window.slot >= 0);
  machine.hardware.violate({
    rule: 'leak',
    what: `"${task.name}" should hold no local map, but its map index is ${String(task.localMaps.idx)}${newest === undefined ? '' : `, the newest of pfn ${hex(newest.page.pfn)}`}`,
    context: context.state(),
    mapping: newest?.describe(),
    details: [machine.localSlots.dump(task, context.cpu)],
  });
}
