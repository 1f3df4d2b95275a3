/**
 * Page iterators of lib/scatterlist.c: one over the pages the CPU sees, one over those of the device.
 *
 * They are different types, as in Linux since 5.1: a bus address has no page to ask for.
 */
import { dmaAddr } from '../../base/units.ts';
import type { DmaAddr } from '../../base/units.ts';
import type { Context } from '../../kernel/core/machine.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { checkCount, isNents } from './check-count.ts';
import { exists, refusePlace } from './check-place.ts';
import { LinkWatch } from './link-watch.ts';
import type { SgEntry } from './sg-array.ts';
import { sgDmaAddress, sgDmaLen } from './sg-dma.ts';
import { checkWalkOptions, isStrict } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';
import type { MappedNents, OrigNents } from './sg-table.ts';

/** Pages of one entry, counted from its base page: those from `first` up to, not including, `end`. */
interface PageRange {
  readonly first: number;
  readonly end: number;
}

/** The walk that both iterators share. */
class PageWalk<K extends MemoryKind> {
  private readonly rangeOf: (sg: SgEntry<K>) => PageRange;
  private left: number;
  private index: number;
  private readonly links: LinkWatch;
  started = false;
  private range: PageRange | undefined = undefined;
  sg: SgEntry<K> | null;

  constructor(
    sgl: SgEntry<K> | null,
    nents: number,
    pageOffset: number,
    rangeOf: (sg: SgEntry<K>) => PageRange,
    how: SgOptions,
  ) {
    checkWalkOptions('a page iterator', how);
    this.links = new LinkWatch(sgl, how);
    this.sg = sgl;
    this.left = nents;
    this.index = pageOffset;
    this.rangeOf = rangeOf;
  }

  /** Pages from the base page of the entry to the current one (`sg_pgoffset`). */
  get pageOffset(): number {
    return this.index + (this.range?.first ?? 0);
  }

  next(): boolean {
    if (this.left === 0 || this.sg === null) return false;
    if (this.started) this.index += 1;
    this.started = true;
    for (;;) {
      this.range ??= this.rangeOf(this.sg);
      const pages = this.range.end - this.range.first;
      if (this.index < pages) return true;
      this.index -= pages;
      this.range = undefined;
      this.left -= 1;
      this.sg = this.links.next(this.sg, this.left);
      if (this.left === 0 || this.sg === null) return false;
    }
  }
}

/** `sg_page_count` and `sg_dma_page_count`: in 32 bits, and from the base page whatever the offset. */
function linuxRange(offset: number, lengthBytes: number, pageSize: number): PageRange {
  return { first: 0, end: Math.floor(((offset + lengthBytes + pageSize - 1) >>> 0) / pageSize) };
}

function exactRange(start: number, lengthBytes: number, pageSize: number): PageRange {
  const first = Math.floor(start / pageSize);
  return { first, end: lengthBytes === 0 ? first : Math.ceil((start + lengthBytes) / pageSize) };
}

// The machine comes from the first entry, because an entry that only the device sees has no page.
function pageSizeOf(sgl: SgEntry | null, how: SgOptions): number {
  return sgl?.page?.zone.memory.pageSize ?? how.machine?.pageSize ?? LIMITS.pageSize;
}

/**
 * Visits the pages of a list.
 *
 * @linux sg_page_iter: __sg_page_iter_start, __sg_page_iter_next, sg_page_iter_page (7.2)
 * @context any
 * @differs strict: only pages that hold bytes of an entry, and `pageOffset` counts those. Linux, and compatible
 * mode, count from the page the entry is set to, so that an offset of a page or more visits pages before the data
 */
export class SgPageIter<K extends MemoryKind> {
  private readonly walk: PageWalk<K>;
  private readonly context: Context | undefined;

  constructor(sgl: SgEntry<K> | null, nents: OrigNents, pageOffset = 0, how: SgOptions = {}) {
    if (!isNents(nents, how)) checkCount(how, 'nents', nents);
    checkCount(how, 'pageOffset', pageOffset);
    this.context = how.machine?.executing;
    const range = isStrict(how) ? exactRange : linuxRange;
    const pageSize = pageSizeOf(sgl, how);
    this.walk = new PageWalk(sgl, nents, pageOffset, (sg) => range(sg.offset, sg.length, pageSize), how);
  }

  /** On to the next page; false at the end. */
  next(): boolean {
    return this.walk.next();
  }

  /** The entry of the current page. */
  get sg(): SgEntry<K> | null {
    return this.walk.sg;
  }

  /** The number of pages from the entry's own page to the current one. */
  get sgPgoffset(): number {
    return this.walk.pageOffset;
  }

  /** The current page. */
  get page(): Page<K> {
    const { sg, pageOffset } = this.walk;
    if (sg === null || !this.walk.started) throw new RangeError('no page: call next() first');
    const { page } = sg;
    const asker = { name: 'SgPageIter', context: this.context };
    if (page === null) return refusePlace(asker, sg, 0);
    const { pageSize } = page.zone.memory;
    if (pageOffset > 0 && !exists(page, pageOffset * pageSize, 1))
      return refusePlace(asker, sg, Math.max(pageOffset * pageSize - sg.offset, 0));
    return pageAfter(page, pageOffset);
  }
}

// On a strict machine the pages of an entry are of one kind; Linux and compatible machines do not check zones.
function pageAfter<K extends MemoryKind>(page: Page<K>, n: number): Page<K>;
function pageAfter(page: Page, n: number): Page {
  return page.zone.memory.nthPage(page, n);
}

/**
 * Visits the pages of a mapped list by bus address.
 *
 * @linux sg_dma_page_iter: __sg_page_iter_start, __sg_page_iter_dma_next, sg_page_iter_dma_address (7.2)
 * @context any
 * @differs strict: the pages of the bus that the segment touches, each by its start, the first by the address of
 * the segment. Linux, and compatible mode, add whole pages to the address of the segment, and their number comes
 * from the CPU offset
 */
export class SgDmaPageIter {
  private readonly walk: PageWalk<MemoryKind>;
  private readonly strict: boolean;
  private readonly pageSize: number;

  constructor(sgl: SgEntry | null, nents: MappedNents, pageOffset = 0, how: SgOptions = {}) {
    if (!isNents(nents, how)) checkCount(how, 'nents', nents);
    checkCount(how, 'pageOffset', pageOffset);
    const strict = isStrict(how);
    const pageSize = pageSizeOf(sgl, how);
    this.strict = strict;
    this.pageSize = pageSize;
    const rangeOf = (sg: SgEntry): PageRange =>
      strict
        ? exactRange(sgDmaAddress(sg) % pageSize, sgDmaLen(sg), pageSize)
        : linuxRange(sg.offset, sgDmaLen(sg), pageSize);
    this.walk = new PageWalk(sgl, nents, pageOffset, rangeOf, how);
  }

  /** On to the next page; false at the end. */
  next(): boolean {
    return this.walk.next();
  }

  /** The segment of the current page. */
  get sg(): SgEntry | null {
    return this.walk.sg;
  }

  /** Pages from the start of the segment. */
  get sgPgoffset(): number {
    return this.walk.pageOffset;
  }

  /** The bus address of the current page. */
  get address(): DmaAddr {
    const { sg, pageOffset } = this.walk;
    if (sg === null) throw new RangeError('no page: call next() first');
    const address = sgDmaAddress(sg) + pageOffset * this.pageSize;
    return dmaAddr(this.strict && pageOffset > 0 ? address - (address % this.pageSize) : address);
  }
}
