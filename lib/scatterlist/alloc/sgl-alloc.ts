/**
 * Lists that own their pages: `sgl_alloc_order` and its relatives of lib/scatterlist.c.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoMemory } from '../../base/errors.ts';
import { isWhole } from '../../base/whole.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { checkCount, invalidCount, isNents } from '../list/check-count.ts';
import { sgInitMarker, sgSetPage } from '../list/entry.ts';
import { LinkWatch } from '../list/link-watch.ts';
import type { SgEntry } from '../list/sg-array.ts';
import { checkSgOptions, checkWalkOptions, allocatorOf, isStrict } from '../list/sg-options.ts';
import type { SgOptions } from '../list/sg-options.ts';

/** Where pages come from: `alloc_pages` and `__free_pages`. */
export interface SgPageSource<K extends MemoryKind> {
  readonly pageSize: number;
  /** The first of `2 ** order` contiguous pages, or `undefined` if memory is short. */
  allocate(order: number): Page<K> | undefined;
  free(page: Page, order: number): void;
}

/**
 * The pages of one kind that a machine has.
 *
 * @linux none; its two functions are alloc_pages and __free_pages
 */
export function pageSource<K extends MemoryKind>(machine: Machine, kind: K): SgPageSource<K> {
  const { memory } = machine.hardware;
  return {
    pageSize: memory.pageSize,
    allocate: (order) => machine.takePages(kind, 2 ** order)?.[0],
    free: (page, order) => {
      for (let i = 0; i < 2 ** order; i += 1) machine.freePage(memory.nthPage(page, i));
    },
  };
}

/** The greatest order whose pages fit the length of an entry. */
function mostOrder({ pageSize }: SgPageSource<MemoryKind>): number {
  return 31 - Math.log2(pageSize);
}

/** Options of `sglAllocOrder`. */
export interface SglOptions extends SgOptions {
  /** Allocates one more slot, for a link to another list. */
  readonly chainable?: boolean;
}

/** A list that owns its pages. */
export interface SglList<K extends MemoryKind> {
  readonly sgl: SgEntry<K>;
  /** Number of entries with bytes, without the slot for a link. */
  readonly nents: number;
}

/**
 * A list over new pages, `2 ** order` of them an entry.
 *
 * @linux sgl_alloc_order (7.2)
 * @context any; does not wait
 * @errors NoMemory, after which nothing stays allocated; InvalidArgument for no bytes, with which Linux writes
 * before its array, and for an order whose pages have more bytes than an entry can say
 * @differs strict: the end mark is on the last entry with bytes, and `sgChain` takes it off. Compatible: it is on
 * the slot kept for the link, so that `sgNents` counts that too, and 4 GiB or more are refused as NoMemory
 */
export function sglAllocOrder<K extends MemoryKind>(
  lengthBytes: number,
  order: number,
  pages: SgPageSource<K>,
  how: SglOptions = {},
): Result<SglList<K>, InvalidArgument | NoMemory> {
  checkSgOptions('sglAllocOrder', how, { chainable: 'boolean' });
  const most = mostOrder(pages);
  if (!isWhole(order, most)) return invalidCount('order', order, 0, most);
  if (!isWhole(lengthBytes, Number.MAX_SAFE_INTEGER) || lengthBytes < 1)
    return invalidCount('length', lengthBytes, 1);
  const entryBytes = pages.pageSize * 2 ** order;
  const strict = isStrict(how);
  const nents = Math.ceil(lengthBytes / entryBytes);
  const slots = nents + (how.chainable === true ? 1 : 0);
  const short = err({ code: 'NoMemory', wanted: nents, available: 0 } as const);
  // Linux compares the length with a product of 32 bits.
  if (!strict && lengthBytes > (nents * entryBytes) % 2 ** 32) return short;
  const array = allocatorOf(how).allocate<K>('kmalloc', slots);
  if (array === undefined) return short;
  sgInitMarker(array, slots);
  for (let slot = 0; slot < nents; slot += 1) {
    const page = pages.allocate(order);
    if (page === undefined) {
      sglFreeOrder(array.entry(0), order, pages, how);
      return err({ code: 'NoMemory', wanted: nents, available: slot });
    }
    sgSetPage(array.entry(slot), page, Math.min(lengthBytes - slot * entryBytes, entryBytes));
  }
  if (strict) sgInitMarker(array, nents);
  return ok({ sgl: array.entry(0), nents });
}

/**
 * A list over new pages, one page an entry.
 *
 * @linux sgl_alloc (7.2)
 * @context any; does not wait
 * @errors those of `sglAllocOrder`
 */
export function sglAlloc<K extends MemoryKind>(
  lengthBytes: number,
  pages: SgPageSource<K>,
  how: SgOptions = {},
): Result<SglList<K>, InvalidArgument | NoMemory> {
  return sglAllocOrder(lengthBytes, 0, pages, how);
}

/**
 * Frees the pages of the first `nents` entries, and the list.
 *
 * @linux sgl_free_n_order (7.2)
 * @context any
 */
export function sglFreeNOrder<K extends MemoryKind>(
  sgl: SgEntry<K>,
  nents: number,
  order: number,
  pages: SgPageSource<K>,
  how: SgOptions = {},
): void {
  checkWalkOptions('sglFreeNOrder', how);
  if (!isNents(nents, how)) checkCount(how, 'nents', nents);
  checkCount(how, 'order', order, mostOrder(pages));
  const links = new LinkWatch(sgl, how);
  let sg: SgEntry<K> | null = sgl;
  for (let left = nents - 1; left >= 0 && sg !== null && sg.page !== null; left -= 1) {
    pages.free(sg.page, order);
    sg = links.next(sg, left);
  }
  allocatorOf(how).free('kmalloc', sgl.array, sgl.array.slots);
}

/**
 * Frees a list and its pages, `2 ** order` an entry.
 *
 * @linux sgl_free_order (7.2)
 * @context any
 */
export function sglFreeOrder<K extends MemoryKind>(
  sgl: SgEntry<K>,
  order: number,
  pages: SgPageSource<K>,
  how: SgOptions = {},
): void {
  sglFreeNOrder(sgl, Number.MAX_SAFE_INTEGER, order, pages, how);
}

/**
 * Frees a list and its pages, one an entry.
 *
 * @linux sgl_free (7.2)
 * @context any
 */
export function sglFree<K extends MemoryKind>(
  sgl: SgEntry<K>,
  pages: SgPageSource<K>,
  how: SgOptions = {},
): void {
  sglFreeOrder(sgl, 0, pages, how);
}
