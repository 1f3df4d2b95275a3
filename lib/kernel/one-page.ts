/**
 * The bound of maps that cover one page.
 */
import { hex } from '../base/units.ts';
import type { Page } from '../machine/memory.ts';
import type { Context } from './machine.ts';

/**
 * Reports a map that would run over the end of its page. Linux maps the page and sees nothing, and so does a
 * compatible machine; on a checked one an access past the page is still found.
 */
export function checkOnePage(context: Context, page: Page, pageOffset: number, lengthBytes: number): void {
  const { machine } = context;
  if (pageOffset >= 0 && pageOffset + lengthBytes <= machine.pageSize) return;
  if (machine.config.semantics === 'compatible') return;
  machine.hardware.violate({
    rule: 'page-overrun',
    what: `map of ${String(lengthBytes)} bytes at offset ${String(pageOffset)} of pfn ${hex(page.pfn)}, a page of ${String(machine.pageSize)} bytes`,
    context: context.state(),
  });
}
