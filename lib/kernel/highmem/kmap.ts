/**
 * Persistent maps: `kmap` and `kunmap` over the shared pool.
 */
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';
import { checkOnePage } from '../core/one-page.ts';
import { countRam } from '../parts/piece-range.ts';
import type { PieceRange } from '../parts/piece-range.ts';
import { maySleep, mightSleep } from '../core/preempt.ts';
import { checkArgument, checkRelease, releaserOf } from '../core/release-checks.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { Window } from '../window/window.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Releaser } from '../window/window.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** Persistent maps. */
const BY_KMAP: Mechanism<Window> = {
  name: 'kmap',
  unmapName: 'kunmap',
  scope: 'global',
  pool: 'kmap pool',
  isAtomic: false,
  release: (window) => {
    kunmap(releaserOf(window), window);
  },
};

/** Releases a window of `kmapHighGet`, which any context may do. */
const FROM_ANY_CONTEXT: Releaser = {
  release: (window) => {
    kunmapHigh(releaserOf(window), window);
  },
};

/** Opens a window over a page that has an address: that of its slot, or its permanent one if `slot` is negative. */
function openWindow(
  context: Context,
  page: Page,
  slot: number,
  pageOffset: number,
  lengthBytes: number,
): RamWindow {
  const { machine } = context;
  const window = machine.ramWindow(context, page, pageOffset, lengthBytes);
  window.slot = slot;
  if (slot >= 0) window.area = 'pkmap';
  else if (page.kind === 'unmappable') window.makeUnreachable();
  window.mapBy(BY_KMAP);
  machine.mapped(window, context);
  return window;
}

/**
 * Maps part of a page in the pool without waiting; returns `undefined` if the pool is full.
 *
 * @linux kmap (7.2), which sleeps if the pool is full
 * @context preemptible task only, as `kmap`
 */
export function tryMapPool(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): RamWindow | undefined {
  const { machine } = context;
  mightSleep(context, 'kmap', 'kmap-in-atomic');
  machine.checkOwn(page);
  checkOnePage(context, page, pageOffset, lengthBytes);
  if (!machine.hardware.memory.isHighmem(page)) return openWindow(context, page, -1, pageOffset, lengthBytes);
  const slot = machine.pkmap.get(page);
  return slot < 0 ? undefined : openWindow(context, page, slot, pageOffset, lengthBytes);
}

/**
 * Maps part of a page in the pool, waiting for a slot: the window form of `kmap`.
 *
 * @linux kmap (7.2)
 * @context preemptible task only; sleeps while the pool is full
 */
export function mapPoolWait(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): Sleeping<RamWindow> {
  return sleepingCall(waitForPool(context, page, pageOffset, lengthBytes), 'mapPoolWait');
}

function* waitForPool(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): Sleeping<RamWindow> {
  const { machine } = context;
  for (;;) {
    const window = tryMapPool(context, page, pageOffset, lengthBytes);
    if (window !== undefined) return window;
    const queue = machine.pkmap.waitQueue(page);
    machine.hardware.ledger.lockWaits += 1;
    machine.hardware.trace?.record({
      event: 'sleep',
      by: context.actor,
      on: queue.name,
    });
    queue.add(context.task);
    yield { sleepOn: queue };
    queue.remove(context.task);
  }
}

/**
 * Counts maps of pieces of a list as if each had been made and released in turn, up to the first for which the pool has
 * no slot: the `pass` of a backend that maps with `tryMapPool`. Only for speed.
 *
 * @linux none
 * @context as `tryMapPool`; in another context, and on a machine that is watched, it counts no piece
 */
export function passPool(context: Context, range: PieceRange, inner?: PieceRange): number {
  const { machine } = context;
  const passable = countRam(range, Infinity);
  // Two maps at a time need two slots, and which slot is taken next depends on both.
  if (passable === 0 || inner !== undefined) return 0;
  machine.enter(context);
  const { pkmap } = machine;
  if (!machine.watch.isOff || pkmap.isVariant || !maySleep(context)) return 0;
  const { memory, ledger } = machine.hardware;
  const { frames } = range.pieces;
  let guess = 0;
  let count = 0;
  for (; count < passable; count += 1) {
    const frame = frames[range.first + count] ?? 0;
    if (frame <= memory.directEnd) continue;
    const slot = pkmap.getAtOnce(frame - 1, guess);
    if (slot < 0) break;
    guess = slot + 1;
    pkmap.putSlot(slot);
  }
  ledger.count(count);
  return count;
}

/**
 * Maps a page at an address that is valid everywhere; sleeps until the pool has a slot.
 *
 * @linux kmap (7.2); deprecated there in favour of kmap_local_page
 * @context preemptible task only; may sleep, uninterruptibly and for ever
 * @differs a generator, because it may sleep: call it with `yield*`. Returns a window instead of an address.
 */
export function kmap(context: Context, page: Page): Sleeping<RamWindow> {
  return sleepingCall(mapPoolWait(context, page, 0, context.machine.pageSize), 'kmap');
}

/**
 * Releases a persistent map, by its window or, as in Linux, by its page.
 *
 * @linux kunmap (7.2)
 * @context preemptible task only
 * @differs Linux takes only the page. By page, this releases its newest live map, preferably one of the caller
 */
export function kunmap(context: Context, what: Window | Page): void {
  mightSleep(context, 'kunmap', 'kmap-in-atomic');
  kunmapHigh(context, what);
}

/**
 * Removes one user of a pool slot, from any context.
 *
 * @linux kunmap_high (7.2)
 * @context task; any with ARCH_NEEDS_KMAP_HIGH_GET (`kmapHighGet`), and for what `kmapHighGet` lent. Does not sleep
 * @differs accepts a lowmem page and ignores it, as `kunmap` does before it calls this function
 */
export function kunmapHigh(asked: Context, what: Window | Page): void {
  const { machine } = asked;
  const context = machine.enter(asked);
  if (!checkArgument(context, what, BY_KMAP.unmapName, 'page')) return;
  checkPoolContext(context, what);
  if (!(what instanceof Window)) machine.checkOwn(what);
  const window = what instanceof Window ? what : mapOf(context, what);
  const page = what instanceof Window ? what.page : what;
  if (window !== undefined && !checkRelease(context, window, BY_KMAP)) return;
  if (machine.hardware.memory.isHighmem(page) && machine.pkmap.put(page, context)) {
    machine.hardware.trace?.record({
      event: 'wake',
      by: context.actor,
      on: machine.pkmap.waitQueue(page).name,
    });
  }
  if (window !== undefined) machine.unmapped(window, context);
  else machine.hardware.ledger.unmaps += 1;
}

/**
 * Adds a user to a page's pool slot; returns `undefined` if the page has no slot.
 *
 * @linux kmap_high_get (7.2), on architectures with ARCH_NEEDS_KMAP_HIGH_GET
 * @context any; does not sleep. Release it with `kunmapHigh`.
 * @differs returns a window instead of an address
 */
export function kmapHighGet(context: Context, page: Page): RamWindow | undefined {
  const { machine } = context;
  machine.enter(context);
  machine.checkOwn(page);
  const slot = machine.pkmap.getIfMapped(page);
  if (slot < 0) return undefined;
  const window = openWindow(context, page, slot, 0, machine.pageSize);
  window.releaser = FROM_ANY_CONTEXT;
  return window;
}

/**
 * Reports a handler that takes the pool's lock where tasks take it with interrupts on. The explorer lets an interrupt
 * arrive while the lock is held, and reports the deadlock instead.
 */
function checkPoolContext(context: Context, what: Window | Page): void {
  const { machine } = context;
  if (context.kind === 'task' || machine.config.kmapHighGet) return;
  // Only an architecture that lets handlers in lends mappings.
  if (what instanceof Window && what.releaser === FROM_ANY_CONTEXT) return;
  if (machine.guard === undefined || machine.hardware.interruptPoint !== undefined) return;
  machine.hardware.violate({
    rule: 'pool-lock-in-interrupt',
    what: `kunmap_high in ${context.kind} "${context.name}"; kmap_lock is held elsewhere with interrupts on`,
    context: context.state(),
  });
}

/**
 * Recycles every pool slot that is not in use, after one flush of every TLB.
 *
 * @linux kmap_flush_unused (7.2)
 * @context task or softirq; does not sleep
 */
export function kmapFlushUnused(context: Context): void {
  context.machine.enter(context);
  context.machine.pkmap.flushUnused();
}

/** The newest live map of a page; a map of this context is preferred to one of another. */
function mapOf(context: Context, page: Page): Window | undefined {
  const maps = [...context.machine.live].filter((w) => w.isBy(BY_KMAP) && w.page === page);
  return maps.findLast((w) => w.owner === context) ?? maps.at(-1);
}
