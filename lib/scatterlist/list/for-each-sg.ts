/**
 * Loops over lists: `for_each_sg` and its relatives, as iterables for `for … of`.
 */
import type { DmaAddr } from '../../base/units.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { checkCount, isNents } from './check-count.ts';
import { LinkWatch } from './link-watch.ts';
import type { SgEntry } from './sg-array.ts';
import { checkWalkOptions } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';
import { SgDmaPageIter, SgPageIter } from './sg-page-iter.ts';
import type { MappedNents, OrigNents, SgTable } from './sg-table.ts';

/**
 * The first `nents` entries of a list; Infinity stands for all of them.
 *
 * @linux for_each_sg (7.2)
 * @context any
 * @differs ends with the list; if the count is too large, Linux follows a null pointer. If links lead back,
 * Linux never ends; here that is reported
 */
export function forEachSg<K extends MemoryKind>(
  sgl: SgEntry<K> | null,
  nents: number,
  how: SgOptions = {},
): Generator<SgEntry<K>, void, undefined> {
  checkWalkOptions('forEachSg', how);
  if (!isNents(nents, how)) checkCount(how, 'nents', nents);
  return entriesFrom(sgl, nents, how);
}

// A separate function, so that a wrong number is refused at the call and not at the first step.
function* entriesFrom<K extends MemoryKind>(
  sgl: SgEntry<K> | null,
  nents: number,
  how: SgOptions,
): Generator<SgEntry<K>, void, undefined> {
  const links = new LinkWatch(sgl, how);
  let sg = sgl;
  for (let left = nents - 1; left >= 0 && sg !== null; left -= 1) {
    yield sg;
    sg = links.next(sg, left);
  }
}

/**
 * The entries of a table as the CPU sees them (`orig_nents`).
 *
 * @linux for_each_sgtable_sg (7.2)
 * @context any
 */
export function forEachSgtableSg<K extends MemoryKind>(
  table: SgTable<K>,
): Generator<SgEntry<K>, void, undefined> {
  return forEachSg(table.sgl, table.origNents, table.how);
}

/**
 * The segments of a table as the device sees them (`nents`); ask them for `sgDmaAddress` and `sgDmaLen`.
 *
 * @linux for_each_sgtable_dma_sg (7.2)
 * @context any
 */
export function forEachSgtableDmaSg<K extends MemoryKind>(
  table: SgTable<K>,
): Generator<SgEntry<K>, void, undefined> {
  return forEachSg(table.sgl, table.nents, table.how);
}

/**
 * The pages of the first `nents` entries, from page `pageOffset` on.
 *
 * @linux for_each_sg_page (7.2)
 * @context any
 */
export function forEachSgPage<K extends MemoryKind>(
  sgl: SgEntry<K> | null,
  nents: OrigNents,
  pageOffset = 0,
  how: SgOptions = {},
): Generator<Page<K>, void, undefined> {
  return pagesOf(new SgPageIter(sgl, nents, pageOffset, how));
}

function* pagesOf<K extends MemoryKind>(iter: SgPageIter<K>): Generator<Page<K>, void, undefined> {
  while (iter.next()) yield iter.page;
}

/**
 * The pages of a table, from page `pageOffset` on.
 *
 * @linux for_each_sgtable_page (7.2)
 * @context any
 */
export function forEachSgtablePage<K extends MemoryKind>(
  table: SgTable<K>,
  pageOffset = 0,
  how: SgOptions = {},
): Generator<Page<K>, void, undefined> {
  return forEachSgPage(table.sgl, table.origNents, pageOffset, how);
}

/**
 * The bus addresses of the pages of the first `nents` segments, from page `pageOffset` on.
 *
 * @linux for_each_sg_dma_page (7.2)
 * @context any
 */
export function forEachSgDmaPage(
  sgl: SgEntry | null,
  nents: MappedNents,
  pageOffset = 0,
  how: SgOptions = {},
): Generator<DmaAddr, void, undefined> {
  return addressesOf(new SgDmaPageIter(sgl, nents, pageOffset, how));
}

function* addressesOf(iter: SgDmaPageIter): Generator<DmaAddr, void, undefined> {
  while (iter.next()) yield iter.address;
}

/**
 * The bus addresses of the pages of a mapped table, from page `pageOffset` on.
 *
 * @linux for_each_sgtable_dma_page (7.2)
 * @context any
 */
export function forEachSgtableDmaPage(
  table: SgTable,
  pageOffset = 0,
  how: SgOptions = {},
): Generator<DmaAddr, void, undefined> {
  return forEachSgDmaPage(table.sgl, table.nents, pageOffset, how);
}
