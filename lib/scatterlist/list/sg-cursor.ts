/**
 * The position of an iterator in a list: `sg_page_iter` and the position fields of `sg_mapping_iter`.
 *
 * A compatible machine uses C's unsigned 32-bit arithmetic, to reproduce Linux if a sum wraps. A strict one computes
 * exactly and skips empty entries.
 */
import type { Machine } from '../../kernel/core/machine.ts';
import type { Page } from '../../machine/memory.ts';
import { exists, refusePlace } from './check-place.ts';
import type { Asker } from './check-place.ts';
import { SG_END } from './sg-array.ts';
import type { SgArray, SgEntry } from './sg-array.ts';
import { sgNext } from './entry.ts';
import { LinkWatch, MOST_AROUND } from './link-watch.ts';

const WALK: Asker = { name: 'list walk' };

/** More entries than any list has. */
const MOST_ENTRIES = 2 ** 30;

/** The options of a cursor. */
export interface SgCursorOptions {
  readonly pageSize: number;
  readonly strict: boolean;
  readonly wholeEntries: boolean;
  /** Receives the report of a list that does not end. */
  readonly machine?: Machine;
  /** The name of the walking function, for reports. */
  readonly asker?: Asker;
}

/** A position in a list, page by page; for contiguous mappings, entry by entry. */
export class SgCursor {
  private readonly pageSize: number;
  private readonly pageShift: number;
  private readonly strict: boolean;
  private readonly wholeEntries: boolean;
  private readonly machine: Machine | undefined;
  private readonly first: SgEntry | null;
  private links: LinkWatch | undefined = undefined;
  private readonly asker: Asker;
  private array: SgArray | undefined;
  private slot: number;
  /** The index after the last slot to visit, if the list stays in this array. */
  private end: number;
  /** Limit of the common step: `end` while the current chunk is an entry within a page, else below every slot. */
  private stepEnd = 0;
  /** Pages from the base page of the entry (`sg_pgoffset`). */
  private ownPageIndex = 0;
  private advance = 0;
  /** Offset of the current chunk in its page (`__offset`). */
  offset = 0;
  /** Bytes of the current chunk not yet consumed (`__remaining`). */
  remaining = 0;

  constructor(sgl: SgEntry | null, nents: number, options: SgCursorOptions) {
    this.first = sgl;
    this.machine = options.machine;
    this.array = sgl?.array;
    this.slot = sgl?.slot ?? 0;
    this.end = this.slot + Math.min(nents, MOST_ENTRIES);
    this.pageSize = options.pageSize;
    this.pageShift = 31 - Math.clz32(options.pageSize);
    this.strict = options.strict;
    this.wholeEntries = options.wholeEntries;
    this.asker = options.asker ?? WALK;
  }

  /** The page of the current chunk. */
  get page(): Page {
    const page = this.array?.pages[this.slot];
    if (page !== undefined && page !== null && this.ownPageIndex === 0) return page;
    return this.pageFor(0);
  }

  /** The page of the current chunk, of which `bytes` will be mapped; bytes that do not exist are reported. */
  pageFor(bytes: number): Page {
    const page = this.array?.pages[this.slot];
    const start = this.ownPageIndex * this.pageSize + this.offset;
    if (page !== undefined && page !== null && exists(page, start, this.neededOf(bytes, start)))
      return page.zone.memory.nthPage(page, this.ownPageIndex);
    const { entry } = this;
    if (entry === null) throw new RangeError(`${this.asker.name} has no entry: the list is at its end`);
    return refusePlace(this.asker, entry, start - entry.offset);
  }

  // On a compatible machine a chunk may be longer than its entry; bytes after the entry are not checked.
  private neededOf(bytes: number, start: number): number {
    if (this.strict || this.array === undefined) return Math.max(bytes, 1);
    const end = (this.array.offsets[this.slot] ?? 0) + (this.array.lengths[this.slot] ?? 0);
    return Math.max(Math.min(bytes, end - start), 1);
  }

  /** The entry of the current chunk. */
  get entry(): SgEntry | null {
    return this.array?.entry(this.slot) ?? null;
  }

  /**
   * The common step: uses up the current chunk, which ends its entry, and goes on to the next slot, where an entry
   * lies within one page, and returns that. If it is not so, it returns `undefined` and changes nothing.
   *
   * Stores are what costs between two copies, because they wait for those of the copy. So only changed fields are
   * written.
   */
  step(): Page | undefined {
    const array = this.array;
    const slot = this.slot + 1;
    if (slot >= this.stepEnd || array === undefined || slot > array.firstMark) return undefined;
    if (slot === array.firstMark && array.marks[slot] !== SG_END) return undefined;
    const page = array.pages[slot];
    if (page === undefined || page === null) return undefined;
    const length = array.lengths[slot] ?? 0;
    const offset = array.offsets[slot] ?? 0;
    if (length === 0 || offset + length > this.pageSize) return undefined;
    this.slot = slot;
    if (this.offset !== offset) this.offset = offset;
    if (this.remaining !== length) this.remaining = length;
    return page;
  }

  /** Undoes a common step: returns to the chunk before it. */
  stepBack(offset: number, remaining: number): void {
    this.slot -= 1;
    this.offset = offset;
    this.remaining = remaining;
  }

  /** `__sg_page_iter_next`: moves to the next page. */
  private nextPage(): boolean {
    if (this.slot === this.end || this.array === undefined) return false;
    this.ownPageIndex += this.advance;
    this.advance = 1;
    for (;;) {
      const array: SgArray = this.array;
      const slot = this.slot;
      const pages = this.pageCount(array, slot);
      if (this.ownPageIndex < pages && !(this.strict && array.lengths[slot] === 0)) return true;
      this.ownPageIndex = this.strict ? 0 : this.ownPageIndex - pages;
      const left = this.end - slot - 1;
      const next: SgEntry | null = this.follow(array, slot, left);
      this.array = next?.array;
      this.slot = next?.slot ?? 0;
      this.end = this.slot + left;
      if (left === 0 || this.array === undefined) {
        this.array = undefined;
        return false;
      }
    }
  }

  private follow(array: SgArray, slot: number, left: number): SgEntry | null {
    const next = sgNext(array.entry(slot));
    if (left <= MOST_AROUND || next === null || (next.array === array && next.slot === slot + 1)) return next;
    const links = (this.links ??= new LinkWatch(this.first, { machine: this.machine }));
    return links.mayFollow(slot + 1, next, left > MOST_ENTRIES / 2 ? Infinity : left) ? next : null;
  }

  private pageCount(array: SgArray, slot: number): number {
    const end = (array.offsets[slot] ?? 0) + (array.lengths[slot] ?? 0);
    if (this.strict) return Math.ceil(end / this.pageSize);
    return ((((end >>> 0) + this.pageSize - 1) >>> 0) / this.pageSize) >>> 0;
  }

  /** `sg_miter_get_next_page`: makes a chunk current; false at the end of the list. */
  load(): boolean {
    if (this.remaining !== 0 || this.step() !== undefined) return true;
    if (!this.nextPage() || this.array === undefined) return false;
    const offset = this.array.offsets[this.slot] ?? 0;
    const length = this.array.lengths[this.slot] ?? 0;
    const first = this.ownPageIndex === 0;
    this.offset = first ? offset : 0;
    // A shift, because V8 keeps the quotient of a division as a floating-point number from then on.
    this.ownPageIndex += this.offset >>> this.pageShift;
    this.offset %= this.pageSize;
    const left = (offset + length - this.ownPageIndex * this.pageSize - this.offset) >>> 0;
    if (this.wholeEntries) {
      this.remaining = left;
      // The whole entry is one chunk: the next page is the next entry's.
      this.advance = this.pageCount(this.array, this.slot) - this.ownPageIndex;
    } else this.remaining = Math.min(left, this.pageSize - this.offset);
    const isPlain = this.strict && this.remaining === left && this.ownPageIndex === 0 && this.advance === 1;
    this.stepEnd = isPlain ? this.end : 0;
    return true;
  }

  /** Moves within the current chunk; on a compatible machine with C's unsigned wrap. */
  consume(bytes: number): void {
    const offset = this.offset + bytes;
    // A chunk of many pages may end more than 4 GiB after its page.
    this.offset = this.strict ? offset : offset >>> 0;
    this.remaining = (this.remaining - bytes) >>> 0;
    if (this.wholeEntries && this.offset >= this.pageSize && this.remaining !== 0) this.normalise();
  }

  // A chunk of many pages: what is left of it begins in a later page.
  private normalise(): void {
    // Not a shift, which takes 32 bits. Cut to a small integer, as in `leap`.
    const pages = (this.offset / this.pageSize) | 0;
    this.ownPageIndex += pages;
    this.advance -= pages;
    this.offset -= pages * this.pageSize;
  }

  /** `sg_miter_skip` without the stop: moves on by bytes; false where the list ends first. */
  skip(bytes: number): boolean {
    let left = bytes;
    while (left !== 0) {
      if (!this.load()) return false;
      if (this.strict && !this.wholeEntries) left -= this.leap(left);
      const part = Math.min(left, this.remaining);
      this.consume(part);
      left -= part;
    }
    return true;
  }

  // On to the page of the entry that holds the last of the bytes to skip, however many there are between.
  private leap(bytes: number): number {
    const array = this.array;
    if (array === undefined || bytes <= this.remaining) return 0;
    const at = this.ownPageIndex * this.pageSize + this.offset;
    const end = (array.offsets[this.slot] ?? 0) + (array.lengths[this.slot] ?? 0);
    // Cut to a small integer: V8 keeps the quotient of a division as a floating-point number.
    const pageIndex = ((Math.min(at + bytes, end) - 1) / this.pageSize) | 0;
    const start = pageIndex * this.pageSize;
    if (start <= at) return 0;
    this.ownPageIndex = pageIndex;
    this.offset = 0;
    this.remaining = Math.min(end - start, this.pageSize);
    return start - at;
  }
}
