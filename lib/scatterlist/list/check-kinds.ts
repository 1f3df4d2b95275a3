/**
 * The check that all bytes of an entry are of one kind of memory.
 *
 * The errors of mapping a page depend on its kind, and the type of an entry names the kinds of its pages. An entry that
 * runs from lowmem into highmem would have pages that its type does not name. So strict machines refuse it; a list over
 * several kinds has an entry for each. Linux, and compatible machines, do not check zones here.
 */
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';

/**
 * The first page of another kind among the bytes that begin at the start of a page; `undefined` if there is none. Bytes
 * past the end of RAM, or of a device, are not checked here.
 */
export function firstOtherKind(page: Page, endBytes: number): Page | undefined {
  const { memory } = page.zone;
  const end = Math.min(endBytes, (memory.endFor(page) - page.pfn) * memory.pageSize);
  return memory.firstOfKind(page, end, ({ kind }) => kind !== page.kind);
}

/** Describes an entry that begins in a page of one kind and runs into a page of another. */
export function mixedKinds(page: Page, other: Page): string {
  return `an entry that begins in ${page.kind} at pfn ${hex(page.pfn)} runs into ${other.kind} at pfn ${hex(other.pfn)}`;
}
