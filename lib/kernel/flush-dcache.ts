/**
 * Writing back the data cache: `flush_dcache_page` and `flush_dcache_folio`.
 */
import type { Page } from '../machine/memory.ts';
import type { Folio } from './folio.ts';
import type { Context } from './machine.ts';

/**
 * Makes what was stored to a page visible to user mappings of it.
 *
 * @linux flush_dcache_page (7.2)
 * @context any; does not sleep
 */
export function flushDcachePage(context: Context, page: Page): void {
  context.machine.enter(context);
  context.machine.flushDcachePage(page);
}

/**
 * Makes what was stored to a folio visible to user mappings of it, page by page.
 *
 * @linux flush_dcache_folio (7.2)
 * @context any; does not sleep
 */
export function flushDcacheFolio(context: Context, folio: Folio): void {
  for (let n = 0; n < folio.pages; n += 1) flushDcachePage(context, folio.page(n));
}
