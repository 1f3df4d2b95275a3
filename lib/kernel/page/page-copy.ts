/**
 * Copies to, from and between single pages, each through its own local map.
 */
import type { Page } from '../../machine/memory.ts';
import { checkRange } from '../core/check-range.ts';
import { copyBetween } from '../window/copy-between.ts';
import { flushDcachePage } from './flush-dcache.ts';
import { kmapLocalPage, kunmapLocal } from '../highmem/kmap-local.ts';
import type { Context } from '../core/machine.ts';
import type { RamWindow } from '../window/ram-window.ts';

// Linux maps first and checks afterwards, so that its BUG leaves the maps; a strict machine checks before
// anything has changed.
function mapChecked<T>(context: Context, check: () => void, map: () => T): T {
  if (context.machine.config.semantics === 'strict') check();
  const mapped = map();
  check();
  return mapped;
}

function usePage(
  context: Context,
  what: string,
  page: Page,
  offset: number,
  lengthBytes: number,
  use: (window: RamWindow) => void,
): void {
  context.machine.helper(() => {
    const window = mapChecked(
      context,
      () => {
        checkRange(context, what, offset, lengthBytes, context.machine.pageSize);
      },
      () => kmapLocalPage(context, page),
    );
    use(window);
    kunmapLocal(context, window);
  });
}

/**
 * Copies bytes of one page to another.
 *
 * @linux memcpy_page (7.2)
 * @context any; does not sleep
 * @differs a strict machine reports a range over the end of a page before it maps
 * @example
 * ```ts
 * memcpyPage(task, copy, 0, original, 0, 512);
 * ```
 */
export function memcpyPage(
  context: Context,
  toPage: Page,
  toOffset: number,
  fromPage: Page,
  fromOffset: number,
  lengthBytes: number,
): void {
  const { pageSize } = context.machine;
  context.machine.helper(() => {
    const [to, from] = mapChecked(
      context,
      () => {
        checkRange(context, 'memcpy_page, to', toOffset, lengthBytes, pageSize);
        checkRange(context, 'memcpy_page, from', fromOffset, lengthBytes, pageSize);
      },
      () => [kmapLocalPage(context, toPage), kmapLocalPage(context, fromPage)] as const,
    );
    copyBetween(to, toOffset, from, fromOffset, lengthBytes);
    kunmapLocal(context, from);
    kunmapLocal(context, to);
  });
}

/**
 * Fills an array with bytes of a page.
 *
 * @linux memcpy_from_page (7.2)
 * @context any; does not sleep
 * @differs the array says how many bytes; a strict machine reports a range over the end before it maps
 */
export function memcpyFromPage(context: Context, to: Uint8Array, page: Page, offset: number): void {
  usePage(context, 'memcpy_from_page', page, offset, to.length, (window) => {
    window.copyTo(to, offset);
  });
}

/**
 * Copies an array into a page.
 *
 * @linux memcpy_to_page (7.2)
 * @context any; does not sleep
 * @differs the array says how many bytes; a strict machine reports a range over the end before it maps
 */
export function memcpyToPage(context: Context, page: Page, offset: number, from: Uint8Array): void {
  usePage(context, 'memcpy_to_page', page, offset, from.length, (window) => {
    window.copyFrom(from, offset);
    flushDcachePage(context, page);
  });
}

/**
 * Sets bytes of a page to the low byte of a value.
 *
 * @linux memset_page (7.2)
 * @context any; does not sleep
 * @differs a strict machine reports a range over the end of the page before it maps
 */
export function memsetPage(
  context: Context,
  page: Page,
  offset: number,
  value: number,
  lengthBytes: number,
): void {
  usePage(context, 'memset_page', page, offset, lengthBytes, (window) => {
    window.fill(value & 0xff, offset, lengthBytes);
  });
}

/**
 * Zeroes bytes of a page.
 *
 * @linux memzero_page (7.2)
 * @context any; does not sleep
 * @differs a strict machine reports a range over the end of the page before it maps
 */
export function memzeroPage(context: Context, page: Page, offset: number, lengthBytes: number): void {
  usePage(context, 'memzero_page', page, offset, lengthBytes, (window) => {
    window.fill(0, offset, lengthBytes);
    flushDcachePage(context, page);
  });
}
