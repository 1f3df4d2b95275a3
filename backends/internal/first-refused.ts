/**
 * Which page of a run a contiguous map cannot reach: all pages of a zone are alike, so that the first of each is asked.
 */
import type { Page } from '../../lib/machine/memory.ts';

/** The first page of those that the bytes lie in which is refused; undefined where all can be reached. */
export function firstRefused(
  page: Page,
  pageOffset: number,
  lengthBytes: number,
  isRefused: (page: Page) => boolean,
): Page | undefined {
  const { memory } = page.zone;
  const end = page.pfn + Math.ceil((pageOffset + lengthBytes) / memory.pageSize);
  let at: Page | undefined = page;
  while (at !== undefined && !isRefused(at)) at = memory.nextZoneIn(at, end - at.pfn);
  return at;
}
