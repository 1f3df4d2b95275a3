/**
 * The check that a map does not run over the end of its page.
 */
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from './machine.ts';

/** Whether bytes lie in one page. A number that `>>> 0` leaves as it is is whole and not negative. */
export function isInPage(pageOffset: number, lengthBytes: number, pageSize: number): boolean {
  return (
    pageOffset >>> 0 === pageOffset &&
    lengthBytes >>> 0 === lengthBytes &&
    pageOffset + lengthBytes <= pageSize
  );
}

/**
 * Reports a map that would run over the end of its page. Linux maps the page and detects no error, and so does a
 * compatible machine; if that is a checked one, it reports an access past the page.
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
