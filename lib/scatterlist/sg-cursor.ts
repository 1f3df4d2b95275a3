/**
 * Where in a list an iterator stands: `sg_page_iter` and the position half of `sg_mapping_iter`.
 *
 * On a compatible machine the arithmetic is C's, 32-bit unsigned, so that what Linux does when it wraps is
 * reproduced. On a strict one an entry ends where its offset and length say, and empty ones are skipped.
 */
import type { Page } from '../machine/memory.ts';
import type { SgEntry } from './sg-array.ts';
import { sgNext } from './entry.ts';

/** A position in a list, page by page; for contiguous mappings, entry by entry. */
export class SgCursor {
  readonly #pageSize: number;
  readonly #strict: boolean;
  readonly #wholeEntries: boolean;
  #sg: SgEntry | null;
  #nents: number;
  /** Pages from the base page of the entry (`sg_pgoffset`). */
  #pageIndex = 0;
  #advance = 0;
  /** Offset of the current chunk in its page (`__offset`). */
  offset = 0;
  /** Bytes of the current chunk not yet consumed (`__remaining`). */
  remaining = 0;

  constructor(
    sgl: SgEntry | null,
    nents: number,
    options: { readonly pageSize: number; readonly strict: boolean; readonly wholeEntries: boolean },
  ) {
    this.#sg = sgl;
    this.#nents = nents;
    this.#pageSize = options.pageSize;
    this.#strict = options.strict;
    this.#wholeEntries = options.wholeEntries;
  }

  /** The page of the current chunk. */
  get page(): Page {
    const page = this.#sg?.page;
    if (page === undefined || page === null) throw new RangeError('the scatterlist entry has no page');
    return page.zone.memory.nthPage(page, this.#pageIndex);
  }

  /** The entry of the current chunk. */
  get entry(): SgEntry | null {
    return this.#sg;
  }

  /** Pages from the base page of the entry to the current chunk. */
  get pageIndex(): number {
    return this.#pageIndex;
  }

  /** `__sg_page_iter_next`: on to the next page. */
  #nextPage(): boolean {
    if (this.#nents === 0 || this.#sg === null) return false;
    this.#pageIndex += this.#advance;
    this.#advance = 1;
    for (;;) {
      const pages = this.#pageCount(this.#sg);
      if (this.#pageIndex < pages && !(this.#strict && this.#sg.length === 0)) return true;
      this.#pageIndex = this.#strict ? 0 : this.#pageIndex - pages;
      this.#sg = sgNext(this.#sg);
      this.#nents -= 1;
      if (this.#nents === 0 || this.#sg === null) return false;
    }
  }

  #pageCount(sg: SgEntry): number {
    const end = sg.offset + sg.length;
    if (this.#strict) return Math.ceil(end / this.#pageSize);
    return ((((end >>> 0) + this.#pageSize - 1) >>> 0) / this.#pageSize) >>> 0;
  }

  /** `sg_miter_get_next_page`: makes a chunk current; false at the end of the list. */
  load(): boolean {
    if (this.remaining !== 0) return true;
    if (!this.#nextPage() || this.#sg === null) return false;
    const { offset, length } = this.#sg;
    const first = this.#pageIndex === 0;
    this.offset = first ? offset : 0;
    this.#pageIndex += Math.floor(this.offset / this.#pageSize);
    this.offset %= this.#pageSize;
    const left = (offset + length - this.#pageIndex * this.#pageSize - this.offset) >>> 0;
    if (this.#wholeEntries) {
      this.remaining = left;
      // The whole entry is one chunk: the next page is the next entry's.
      this.#advance = this.#pageCount(this.#sg) - this.#pageIndex;
    } else this.remaining = Math.min(left, this.#pageSize - this.offset);
    return true;
  }

  /** Moves within the current chunk, with C's unsigned wrap. */
  consume(bytes: number): void {
    this.offset = (this.offset + bytes) >>> 0;
    this.remaining = (this.remaining - bytes) >>> 0;
    if (this.#wholeEntries && this.offset >= this.#pageSize) this.#normalise();
  }

  // A chunk of many pages: what is left of it begins in a later page.
  #normalise(): void {
    const pages = Math.floor(this.offset / this.#pageSize);
    this.#pageIndex += pages;
    this.#advance -= pages;
    this.offset -= pages * this.#pageSize;
  }

  /** `sg_miter_skip` without the stop: moves on by bytes; false where the list ends first. */
  skip(bytes: number): boolean {
    let left = bytes;
    while (left !== 0) {
      if (!this.load()) return false;
      const part = Math.min(left, this.remaining);
      this.consume(part);
      left -= part;
    }
    return true;
  }
}
