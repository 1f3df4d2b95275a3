/**
 * The bound of maps that cover one page.
 */
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from './machine.ts';

/** Whether bytes lie in one page; a number that is itself again after `>>> 0` is whole and not negative. */
export function isInPage(pageOffset: number, lengthBytes: number, pageSize: number): boolean {
  return (
    pageOffset >>> 0 === pageOffset &&
    lengthBytes >>> 0 === lengthBytes &&
    pageOffset + lengthBytes <= pageSize
  );
}

/**
 * Reports a map that would run over the end of its page. Linux maps the page and sees nothing, and so does a
 * compatible machine; on a checked one an access past the page is still found.
 */
export function checkOnePage(context: Context, page: Page, pageOffset: number, lengthBytes: number): void {
  const { machine } = context;
  const { hardware, pageSize } = machine;
  if (isInPage(pageOffset, lengthBytes, pageSize)) return;
  if (!Number.isInteger(pageOffset)) hardware.checkNumber(context, 'pageOffset', pageOffset, pageSize);
  if (!Number.isInteger(lengthBytes) || lengthBytes < 0)
    hardware.checkNumber(context, 'lengthBytes', lengthBytes, pageSize);
  if (machine.config.semantics === 'compatible') return;
  machine.hardware.violate({
    rule: 'page-overrun',
    what: `map of ${String(lengthBytes)} bytes at offset ${String(pageOffset)} of pfn ${hex(page.pfn)}, a page of ${String(machine.pageSize)} bytes`,
    context: context.state(),
  });
}
