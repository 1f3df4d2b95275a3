/**
 * The permanent address of a page: `page_address`.
 */
import { MOST_32 } from '../../base/whole.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';
import { countRam } from '../parts/piece-range.ts';
import type { PieceRange } from '../parts/piece-range.ts';
import { checkRelease, releaserOf } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { NO_CHUNK } from '../window/ram-window.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';

/** Windows at the permanent addresses of pages. */
const BY_PAGE_ADDRESS: Mechanism<Window> = {
  name: 'page_address',
  unmapName: 'release',
  scope: 'global',
  pool: undefined,
  isAtomic: false,
  release: (window) => {
    closeDirect(releaserOf(window), window);
  },
};

/**
 * Opens a window at the permanent address of a page; `lengthBytes` may include pages that follow it. Returns
 * `undefined` for a page that has no permanent address.
 *
 * @linux page_address (7.2)
 * @context any; does not sleep
 * @differs returns `undefined` for a highmem page even while it is mapped by kmap; Linux returns that address
 */
export function openDirect(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): RamWindow | undefined {
  const { machine } = context;
  const { memory } = machine.hardware;
  machine.enter(context);
  machine.checkOwn(page);
  machine.hardware.checkNumber(context, 'pageOffset', pageOffset, MOST_32);
  machine.hardware.checkNumber(context, 'lengthBytes', lengthBytes, MOST_32);
  const pages = Math.ceil((pageOffset + lengthBytes) / memory.pageSize);
  if (page.pfn + pages > memory.directEnd) return undefined;
  const window = machine.ramWindow(context, page, pageOffset, lengthBytes);
  if (pages > 1 && !memory.isOneRun(page, pages)) window.chunk = NO_CHUNK;
  // The last page decides, because unmappable pages are the last that have such an address.
  const last = pages > 1 ? memory.nthPage(page, pages - 1) : page;
  if (last.kind === 'unmappable') window.makeUnreachable();
  window.mapBy(BY_PAGE_ADDRESS);
  machine.mapped(window, context);
  return window;
}

/**
 * Ends the use of a permanent address. It only counts the release.
 *
 * @linux none
 */
export function closeDirect(asked: Context, window: Window): void {
  const context = asked.machine.enter(asked);
  if (!checkRelease(context, window, BY_PAGE_ADDRESS)) return;
  window.scatter();
  context.machine.unmapped(window, context);
}

/**
 * Counts maps of pieces of a list as if each had been made and released in turn: the `pass` of a backend that maps with
 * `openDirect`. Only for speed.
 *
 * @linux none
 * @context any; does not sleep
 */
export function passDirect(context: Context, range: PieceRange, inner?: PieceRange): number {
  const { machine } = context;
  const { memory, ledger } = machine.hardware;
  const passable = countRam(range, memory.directEnd);
  const count = inner === undefined ? passable : Math.min(passable, countRam(inner, memory.directEnd));
  if (count === 0) return 0;
  machine.enter(context);
  ledger.count(inner === undefined ? count : 2 * count);
  return count;
}

/**
 * The permanent address of a page; `undefined` for a highmem page.
 *
 * @linux page_address (7.2)
 * @context any; does not sleep
 */
export function pageAddress(context: Context, page: Page): RamWindow | undefined {
  return openDirect(context, page, 0, context.machine.pageSize);
}
