/**
 * Atomic maps: the deprecated `kmap_atomic`, a local map inside a section in which page faults and
 * preemption (on PREEMPT_RT: migration) are disabled, for lowmem pages too.
 */
import type { Pfn, VirtAddr } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import { kmapLocalPfn, mapLocal, unmapLocal, unmapLocalAddress } from './kmap-local.ts';
import type { Context } from '../core/machine.ts';
import { releaserOf } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';

/** Atomic maps. */
const BY_KMAP_ATOMIC: Mechanism<Window> = {
  name: 'kmap_atomic',
  unmapName: 'kunmap_atomic',
  scope: 'task',
  pool: undefined,
  isAtomic: true,
  release: (window) => {
    kunmapAtomic(releaserOf(window), window);
  },
};

/** Opens the atomic section of a map. */
export function atomicBegin(context: Context): void {
  const { task, machine } = context;
  machine.enter(context);
  if (machine.config.preemptRt) task.migrateDisabled += 1;
  else task.preemptCount += 1;
  task.pagefaultDisabled += 1;
}

/** Closes the atomic section of a map. */
export function atomicEnd(context: Context): void {
  const { task, machine } = context;
  task.pagefaultDisabled -= 1;
  if (machine.config.preemptRt) task.migrateDisabled -= 1;
  else task.preemptCount -= 1;
}

/** Ends the section of a map that failed. Linux stops inside it; a strict machine restores all counts. */
export function abandon(context: Context, error: unknown): never {
  if (context.machine.config.semantics === 'strict') atomicEnd(context);
  throw error;
}

/**
 * Maps part of a page in an atomic section: the window form of `kmapAtomic`.
 *
 * @linux kmap_atomic (7.2)
 * @context any; does not sleep, and nothing may sleep until the release
 */
export function mapAtomic(context: Context, page: Page, pageOffset: number, lengthBytes: number): RamWindow {
  context.machine.checkOwn(page);
  atomicBegin(context);
  try {
    return mapLocal(context, page, pageOffset, lengthBytes, BY_KMAP_ATOMIC);
  } catch (error) {
    return abandon(context, error);
  }
}

/**
 * Maps a page in an atomic section.
 *
 * @linux kmap_atomic (7.2); deprecated there in favour of kmap_local_page
 * @context any; does not sleep, and nothing may sleep until the release
 * @differs returns a window instead of an address
 */
export function kmapAtomic(context: Context, page: Page): RamWindow {
  return mapAtomic(context, page, 0, context.machine.pageSize);
}

/**
 * Maps a frame in a slot in an atomic section, even if it has a permanent address.
 *
 * @linux kmap_atomic_pfn (7.2)
 * @context any; does not sleep, and nothing may sleep until the release
 */
export function kmapAtomicPfn(context: Context, pfn: Pfn): RamWindow {
  atomicBegin(context);
  try {
    return kmapLocalPfn(context, pfn, BY_KMAP_ATOMIC);
  } catch (error) {
    return abandon(context, error);
  }
}

/**
 * Releases an atomic map and ends its section.
 *
 * @linux kunmap_atomic (7.2)
 * @context as the map; does not sleep
 * @differs a strict machine accepts only the address of the map or of its page; Linux rounds any address down
 */
export function kunmapAtomic(context: Context, where: Window | VirtAddr): void {
  const by = context.machine.enter(context);
  if (typeof where === 'number') {
    by.machine.hardware.checkNumber(by, 'address', where, Number.MAX_SAFE_INTEGER);
    unmapLocalAddress(by, where, BY_KMAP_ATOMIC);
  } else if (!unmapLocal(by, where, BY_KMAP_ATOMIC)) return;
  atomicEnd(by);
}
