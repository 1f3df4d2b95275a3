/**
 * Page protection by key, after the PKS / pgmap series of 2022 (never merged): a protected page can be
 * accessed only while the running task holds a grant.
 */
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';

/**
 * Grants the running task access to protected pages; grants nest.
 *
 * @linux pgmap_set_readwrite (the PKS series, V10; not in mainline)
 * @context any
 */
export function pgmapSetReadwrite(context: Context, page: Page): void {
  context.machine.checkOwn(page);
  if (page.kind !== 'protected') return;
  context.machine.enter(context);
  context.task.keyGrants += 1;
  if (context.task.keyGrants === 1) switchKey(context, true);
}

/**
 * Revokes one grant. Access ends with the last grant.
 *
 * @linux pgmap_set_noaccess (the PKS series, V10; not in mainline)
 * @context any
 */
export function pgmapSetNoaccess(context: Context, page: Page): void {
  context.machine.checkOwn(page);
  if (page.kind !== 'protected') return;
  const { machine, task } = context;
  machine.enter(context);
  if (task.keyGrants === 0) {
    machine.hardware.violate({
      rule: 'count-imbalance',
      what: `pgmap_set_noaccess of pfn ${hex(page.pfn)} without its pgmap_set_readwrite`,
      context: context.state(),
    });
    return;
  }
  task.keyGrants -= 1;
  if (context.task.keyGrants === 0) switchKey(context, false);
}

function switchKey(context: Context, granted: boolean): void {
  const { hardware } = context.machine;
  hardware.ledger.keySwitches += 1;
  hardware.trace?.record({ event: 'key', by: context.actor, granted });
}
