/**
 * Local maps: include/linux/highmem-internal.h's `kmap_local_page` and its relatives.
 *
 * A highmem page takes the next slot of the CPU and keeps the task on that CPU until it is released; a
 * lowmem page needs no slot. Maps must be released in reverse order.
 */
import { hex } from '../../base/units.ts';
import type { Pfn, VirtAddr } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import { describeMapping } from '../../machine/violation.ts';
import type { Context } from '../core/machine.ts';
import { checkOnePage, isInPage } from '../core/one-page.ts';
import { countFrom, countRam } from '../parts/piece-range.ts';
import type { PieceRange } from '../parts/piece-range.ts';
import { pgmapSetNoaccess, pgmapSetReadwrite } from './protection.ts';
import { checkArgument, checkRelease, ownerOf, releaserOf, staysWithOwner } from '../core/release-checks.ts';
import { variantOf } from '../window/mechanism.ts';
import type { Mechanism } from '../window/mechanism.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';

/** Local maps. */
const BY_KMAP_LOCAL: Mechanism<Window> = {
  name: 'kmap_local',
  unmapName: 'kunmap_local',
  scope: 'task',
  pool: undefined,
  isAtomic: false,
  release: (window) => {
    kunmapLocal(releaserOf(window), window);
  },
};

/**
 * Maps part of a page for the running context: the window form of `kmapLocalPage`. A `mechanism` given as a string is
 * another name for reports; `kunmapLocal` releases the map all the same.
 *
 * @linux kmap_local_page (7.2)
 * @context any; does not sleep. In a hard interrupt handler interrupts must be off.
 */
export function mapLocal(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
  mechanism: Mechanism<Window> | string = BY_KMAP_LOCAL,
): RamWindow {
  const { machine, task } = context;
  // Only a task has tokens, because an interrupt pushes on top of any task's stack.
  const hasTokens = task === context && mechanism === BY_KMAP_LOCAL;
  if (hasTokens && isInPage(pageOffset, lengthBytes, machine.pageSize)) {
    const waiting = task.localMaps.map(page, pageOffset, lengthBytes);
    if (waiting !== undefined) return waiting.value;
  }
  machine.enter(context);
  checkOnePage(context, page, pageOffset, lengthBytes);
  const window = machine.ramWindow(context, page, pageOffset, lengthBytes);
  if (machine.hardware.memory.isHighmem(page) || machine.config.forceMap) mapSlot(context, page, window);
  if (!page.zone.isSystemRam) openOther(context, page, window);
  register(context, window, mechanism);
  if (hasTokens) task.localMaps.keep(window);
  return window;
}

/** What pages other than plain memory need: the key of a protected one, a fault at an address that leads nowhere. */
function openOther(context: Context, page: Page, window: RamWindow): void {
  if (page.kind === 'protected') pgmapSetReadwrite(context, page);
  else if (page.kind === 'unmappable' && window.area === 'direct') window.makeUnreachable();
}

function register(context: Context, window: RamWindow, mechanism: Mechanism<Window> | string): void {
  const { machine } = context;
  window.mapBy(variantOf(BY_KMAP_LOCAL, mechanism));
  machine.mapped(window, context);
  if (machine.guard !== undefined) context.task.localWindows.push(window);
}

function mapSlot(context: Context, page: Page, window: Window): void {
  const { machine } = context;
  if (machine.config.kmapHighGet) {
    const pooled = machine.pkmap.getIfMapped(page);
    if (pooled >= 0) {
      window.area = 'pkmap';
      window.slot = pooled;
      return;
    }
  }
  machine.hardware.interruptPoint?.(context.cpu, 'kmap_local');
  window.area = 'local';
  window.slot = machine.localSlots.map(context.task, context.cpu, page.pfn);
}

/**
 * Counts local maps of pieces of a list as if each had been made and released in turn: the `pass` of a backend that
 * maps with `mapLocal` and unmaps with `kunmapLocal`. Only for speed.
 *
 * @linux none
 * @context any; does not sleep
 * @example
 * ```ts
 * const mine = defineBackend(task, {
 *   contract: { ...KMAP_LOCAL, name: 'mine' },
 *   map: (page, offset, length) => ok(mapLocal(task, page, offset, length)),
 *   unmap: (mapping) => kunmapLocal(task, mapping),
 *   pass: (range, inner) => passLocal(task, range, inner),
 * });
 * ```
 */
export function passLocal(context: Context, range: PieceRange, inner?: PieceRange): number {
  const passable = countRam(range, Infinity);
  const count = inner === undefined ? passable : Math.min(passable, countRam(inner, Infinity));
  if (count === 0) return 0;
  const { machine, task } = context;
  machine.enter(context);
  const { localSlots } = machine;
  if (!localSlots.mayMap(task, context.cpu, inner === undefined ? 1 : 2)) return 0;
  const { slotsFrom } = localSlots;
  const slotted =
    countFrom(range, count, slotsFrom) + (inner === undefined ? 0 : countFrom(inner, count, slotsFrom));
  const maps = inner === undefined ? count : 2 * count;
  task.localMaps.count(slotted);
  machine.hardware.ledger.count(maps - slotted);
  return count;
}

/**
 * Maps a page for the running context.
 *
 * @linux kmap_local_page (7.2)
 * @context any; does not sleep. In a hard interrupt handler interrupts must be off.
 * @differs returns a window instead of an address; the window carries page, slot and owner
 * @example
 * ```ts
 * const m = kmapLocalPage(task, page);
 * m.store8(0, m.load8(0) + 1);
 * kunmapLocal(task, m);
 * ```
 */
export function kmapLocalPage(context: Context, page: Page): RamWindow {
  return mapLocal(context, page, 0, context.machine.pageSize);
}

/**
 * Maps a frame in a slot, even if it has a permanent address.
 *
 * @linux kmap_local_pfn (7.2)
 * @context any; does not sleep
 */
export function kmapLocalPfn(
  context: Context,
  pfn: Pfn,
  mechanism: Mechanism<Window> | string = BY_KMAP_LOCAL,
): RamWindow {
  const { machine } = context;
  machine.enter(context);
  const { memory } = machine.hardware;
  machine.hardware.checkNumber(context, 'pfn', pfn, memory.endPfn - 1);
  const window = machine.ramWindow(context, memory.page(pfn), 0, machine.pageSize);
  window.area = 'local';
  window.slot = machine.localSlots.map(context.task, context.cpu, pfn);
  register(context, window, mechanism);
  return window;
}

/**
 * Maps a page after a panic. Only a page with a permanent address, because taking a slot is not safe then.
 *
 * @linux kmap_local_page_try_from_panic (7.2)
 * @context any, including a panicking one; does not sleep
 * @differs returns a window or `undefined`; release it with `kunmapLocal`
 */
export function kmapLocalPageTryFromPanic(context: Context, page: Page): RamWindow | undefined {
  const { machine } = context;
  machine.enter(context);
  machine.checkOwn(page);
  if (machine.hardware.memory.isHighmem(page)) return undefined;
  const window = machine.ramWindow(context, page, 0, machine.pageSize);
  if (page.kind === 'unmappable') window.makeUnreachable();
  register(context, window, BY_KMAP_LOCAL);
  return window;
}

/**
 * Releases a local map, by its window or by any address inside its page.
 *
 * @linux kunmap_local (7.2)
 * @context as the map; does not sleep
 * @differs a strict machine also checks the order on lowmem pages, and that the address belongs to a live map
 */
export function kunmapLocal(context: Context, where: Window | VirtAddr): void {
  if (typeof where !== 'number' && releasesToken(context, where)) return;
  const by = context.machine.enter(context);
  if (typeof where === 'number') {
    by.machine.hardware.checkNumber(by, 'address', where, Number.MAX_SAFE_INTEGER);
    unmapLocalAddress(by, where);
  } else unmapLocal(by, where);
}

/** Releases a window if it is the token on top of the executing task's stack; returns whether it was. */
function releasesToken(context: Context, window: Window): boolean {
  return context.task === context && context.task.localMaps.unmap(window);
}

/** Releases a local window that `mechanism` made; returns whether it was released. */
export function unmapLocal(
  asked: Context,
  window: Window,
  mechanism: Mechanism<Window> = BY_KMAP_LOCAL,
): boolean {
  if (mechanism === BY_KMAP_LOCAL && releasesToken(asked, window)) return true;
  const { machine } = asked;
  const context = machine.enter(asked);
  if (!window.live || !window.isBy(mechanism) || window.owner !== context) {
    if (!checkArgument(context, window, mechanism.unmapName, 'address')) return false;
    if (!checkRelease(context, window, mechanism)) return false;
    if (staysWithOwner(context, window)) return false;
  }
  const isOwn = machine.guard !== undefined && ownerOf(window).task === context.task;
  const isReported = isOwn && checkOrder(context, window);
  if (window.area === 'local')
    machine.localSlots.unmapSlot(context.task, context.cpu, window.slot, isReported);
  else if (window.area === 'pkmap') machine.pkmap.put(window.page, context);
  forget(context, window);
  return true;
}

function forget(context: Context, window: Window): void {
  const { machine } = context;
  if (machine.guard !== undefined) {
    const { localWindows } = ownerOf(window).task;
    const at = localWindows.lastIndexOf(window);
    if (at >= 0) localWindows.splice(at, 1);
  }
  machine.unmapped(window, context);
  if (window.page.kind === 'protected') pgmapSetNoaccess(context, window.page);
}

// The slots check the order of highmem maps. This check also covers lowmem maps, which have no slot and which Linux
// therefore cannot check, and its report has the call sites of both maps.
/** Reports the release of a local window that is not the newest. */
export function checkOrder(context: Context, window: Window): boolean {
  const { machine } = context;
  const newest = context.task.localWindows.at(-1);
  if (newest === undefined || newest === window || machine.config.semantics === 'compatible') return false;
  const marks = new Map([
    [window.slot, 'asked for'],
    [newest.slot, 'last mapped'],
  ]);
  machine.hardware.violate({
    rule: 'unmap-order',
    what: `pfn ${hex(window.page.pfn)} at ${hex(window.vaddr)} was released before the newer map of pfn ${hex(newest.page.pfn)}`,
    context: context.state(),
    mapping: window.describe(),
    details: [
      { label: 'but top is', text: describeMapping(newest.describe()) },
      machine.localSlots.dump(context.task, context.cpu, marks),
    ],
  });
  return true;
}

/** Releases by address. As in Linux, it pops the top of the stack, whatever the address is. */
export function unmapLocalAddress(
  context: Context,
  address: VirtAddr,
  mechanism: Mechanism<Window> = BY_KMAP_LOCAL,
): void {
  const { machine } = context;
  const { addresses } = machine.hardware;
  const page = addresses.pageBase(address);
  const { localWindows } = context.task;
  const meant = localWindows.findLast((window) => addresses.pageBase(window.vaddr) === page);
  if (machine.guard !== undefined && machine.config.semantics === 'strict') {
    if (meant === undefined) {
      notMapped(context, address, 'no live local map of this context covers the address');
      return;
    }
    // kunmap_local accepts any address in the page, kunmap_atomic only the one that the map returned.
    if (mechanism.isAtomic && address !== meant.vaddr && address !== page)
      notMapped(context, address, `the map returned ${hex(meant.vaddr)}`, mechanism.unmapName);
    unmapLocal(context, meant, mechanism);
    return;
  }
  if (machine.guard !== undefined && meant === undefined) {
    machine.hardware.trace?.record({
      event: 'unmap-astray',
      by: context.actor,
      vaddr: address,
    });
  }
  if (machine.localSlots.slotOf(address) >= 0) {
    const top = context.task.localMaps.idx - 1;
    machine.localSlots.unmap(context.task, context.cpu, address);
    const popped = localWindows.findLast(
      ({ area, slot }) => area === 'local' && slot === top + machine.config.kmMaxIdx * context.cpu.id,
    );
    if (popped !== undefined) forget(context, popped);
    else machine.hardware.ledger.unmaps += 1;
    return;
  }
  if (machine.config.forceMap) {
    notMapped(context, address, 'with forced maps every local map lies in the fixmap');
    return;
  }
  const pooled = machine.hardware.pageTable.locate(page);
  if (machine.config.kmapHighGet && pooled?.area === 'pkmap') {
    machine.pkmap.put(machine.hardware.memory.page(machine.hardware.pageTable.entry(pooled)), context);
  } else if (address < addresses.pageOffset) notMapped(context, address, 'it is a user-space address');
  const released = meant ?? machine.mappings.withoutSlot(context, page, mechanism);
  if (released !== undefined) forget(context, released);
}

function notMapped(context: Context, address: number, why: string, what = 'kunmap_local'): void {
  const { machine } = context;
  const near = context.task.localWindows.findLast(
    (window) => address >= window.vaddr && address <= window.vaddr + machine.pageSize,
  );
  machine.hardware.violate({
    rule: 'unmap-address',
    what: `${what}(${hex(address)}): ${why}`,
    context: context.state(),
    mapping: near?.describe(),
    details: [machine.localSlots.dump(context.task, context.cpu)],
  });
}
