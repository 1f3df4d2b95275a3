/**
 * The kind of memory of an entry: one, from its first page to its last byte.
 *
 * What mapping a page can fail with depends on its kind, and the type of an entry says which kinds its pages have. An
 * entry that ran from lowmem into highmem would have pages of which its type knows nothing. So strict machines refuse
 * it; a list over several kinds has an entry for each. Linux, and compatible machines, look at no zones here.
 */
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';

/**
 * Where bytes, counted from the start of a page, run into memory of another kind; undefined where they do not. What lies
 * behind the end of RAM, or of a device, is no memory of the entry at all, and not looked at.
 */
export function firstOtherKind(page: Page, endBytes: number): Page | undefined {
  const { memory } = page.zone;
  const end = Math.min(endBytes, (memory.endFor(page) - page.pfn) * memory.pageSize);
  return memory.firstOfKind(page, end, ({ kind }) => kind !== page.kind);
}

/** What is wrong with an entry that begins in one page and runs into another, as a sentence. */
export function mixedKinds(page: Page, other: Page): string {
  return `an entry that begins in ${page.kind} at pfn ${hex(page.pfn)} runs into ${other.kind} at pfn ${hex(other.pfn)}`;
}
