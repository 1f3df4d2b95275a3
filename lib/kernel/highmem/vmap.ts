/**
 * Contiguous maps of any pages: `vmap` and `vunmap`.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { NoVirtualSpace } from '../../base/errors.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import { checkRelease, releaserOf } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { NO_CHUNK } from '../window/ram-window.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';

/** Contiguous maps of memory. */
const BY_VMAP: Mechanism<Window> = {
  name: 'vmap',
  unmapName: 'vunmap',
  scope: 'global',
  pool: 'vmalloc area',
  isAtomic: false,
  release: (window) => {
    vunmap(releaserOf(window), window);
  },
};

/**
 * Maps part of a run of pages contiguously: the window form of `vmap`. For a run that cannot fit, the caller passes its
 * length as `needPages`, and no pages.
 *
 * @linux vmap (7.2)
 * @context preemptible task only
 * @errors NoVirtualSpace if the vmalloc area has no run long enough
 */
export function mapContiguous(
  context: Context,
  pages: readonly Page[],
  pageOffset: number,
  lengthBytes: number,
  needPages: number = pages.length,
): Result<RamWindow, NoVirtualSpace> {
  const { machine } = context;
  const { hardware } = machine;
  mightSleep(context, 'vmap');
  for (const page of pages) machine.checkOwn(page);
  hardware.checkNumber(context, 'needPages', needPages, Number.MAX_SAFE_INTEGER);
  const most = Math.max(needPages, pages.length) * machine.pageSize;
  hardware.checkNumber(context, 'pageOffset', pageOffset, most);
  hardware.checkNumber(context, 'lengthBytes', lengthBytes, Math.max(most - pageOffset, 0));
  const [first] = pages;
  const index = first === undefined ? -1 : machine.vmalloc.take(pages.length);
  if (first === undefined || index < 0) {
    hardware.trace?.record({ event: 'refused', what: 'vmalloc area' });
    return err({ code: 'NoVirtualSpace', needPages, ...machine.vmalloc.room });
  }
  const window = machine.ramWindow(context, first, pageOffset, lengthBytes);
  let oneRun = true;
  for (const [i, page] of pages.entries()) {
    hardware.pageTable.vmalloc.set(index + i, page.pfn);
    oneRun &&=
      hardware.memory.touch(page) === window.chunk &&
      page.chunkOffset === first.chunkOffset + i * machine.pageSize;
  }
  hardware.flushAliases(); // flush_cache_vmap
  hardware.ledger.pteWrites += pages.length;
  hardware.ledger.lockAcquisitions += 1;
  window.pages = pages;
  if (!oneRun) window.chunk = NO_CHUNK;
  window.slot = index;
  window.area = 'vmalloc';
  window.mapBy(BY_VMAP);
  machine.mapped(window, context);
  return ok(window);
}

/**
 * Maps pages contiguously in the vmalloc area.
 *
 * @linux vmap (7.2)
 * @context preemptible task only; allocates, so it may sleep there
 * @errors NoVirtualSpace, where Linux returns NULL
 */
export function vmap(context: Context, pages: readonly Page[]): Result<RamWindow, NoVirtualSpace> {
  return mapContiguous(context, pages, 0, pages.length * context.machine.pageSize);
}

/**
 * Releases a contiguous map.
 *
 * @linux vunmap (7.2)
 * @context preemptible task only
 * @differs flushes the range at once; Linux gathers released ranges and flushes them together later
 */
export function vunmap(asked: Context, window: Window): void {
  const { machine } = asked;
  mightSleep(asked, 'vunmap');
  const context = machine.enter(asked);
  if (!checkRelease(context, window, BY_VMAP)) return;
  machine.guard?.syncArrays();
  window.scatter();
  giveRangeBack(context, window);
}

/** Frees the addresses of a window in the vmalloc area, and ends the window. */
export function giveRangeBack(context: Context, window: Window): void {
  const { machine } = context;
  const { hardware } = machine;
  machine.guard?.syncArrays();
  hardware.flushAliases(); // flush_cache_vunmap
  const pages = machine.vmalloc.give(window.slot);
  for (let i = 0; i < pages; i += 1) hardware.pageTable.vmalloc.clear(window.slot + i);
  hardware.ledger.pteWrites += pages;
  hardware.ledger.lockAcquisitions += 1;
  hardware.flushRangeGlobal(
    hardware.addresses.vmalloc(window.slot),
    hardware.addresses.vmalloc(window.slot + pages),
  );
  machine.unmapped(window, context);
}
