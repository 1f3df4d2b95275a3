/**
 * Building a table in pieces: `sg_alloc_append_table_from_pages` of lib/scatterlist.c.
 */
import { done, err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoMemory } from '../../base/errors.ts';
import { checkOptions } from '../../base/options.ts';
import { MOST_32, isWhole } from '../../base/whole.ts';
import type { MemoryKind, Page, Zone } from '../../machine/memory.ts';
import { freeEntries, kmallocChunks, setCounts } from './alloc-table.ts';
import type { SgChunks } from './alloc-table.ts';
import { invalidCount, isCount } from '../list/check-count.ts';
import { setSlot, sgChain, sgInitMarker, sgMarkEnd } from '../list/entry.ts';
import { SG_CHAIN, SG_END } from '../list/sg-array.ts';
import type { SgArray, SgEntry } from '../list/sg-array.ts';
import {
  checkSgOptions,
  allocatorOf,
  isStrict,
  maxSingleAllocOf,
  report,
  semanticsOf,
} from '../list/sg-options.ts';
import type { SgOptions } from '../list/sg-options.ts';
import { SgTable } from '../list/sg-table.ts';

/** The bytes of the pages to use, and the greatest length of an entry. */
export interface FromPagesOptions {
  /** Offset of the first byte in the first page. Default 0. */
  readonly offset?: number;
  /** Bytes that the pages add to the table. */
  readonly size: number;
  /** Most bytes of an entry, rounded down to whole pages. Default: 32-bit, rounded down. */
  readonly maxSegmentBytes?: number;
}

/** The same for a piece of a table. */
export interface AppendOptions extends FromPagesOptions {
  /** Pages that later calls will add at most; 0 (default) ends the list here. */
  readonly leftPages?: number;
}

const APPEND_OPTIONS: Readonly<Record<keyof AppendOptions, 'number'>> = {
  offset: 'number',
  size: 'number',
  maxSegmentBytes: 'number',
  leftPages: 'number',
};

/** A table that grows: `struct sg_append_table`. */
export class SgAppendTable<K extends MemoryKind = MemoryKind> {
  /** The table so far. */
  readonly sgt: SgTable<K> = new SgTable<K>();
  /** The last filled entry. */
  prv: SgEntry<K> | null = null;
  /** Slots that can hold entries, filled or not. */
  totalNents = 0;

  constructor(how: SgOptions = {}) {
    checkSgOptions('SgAppendTable', how);
    this.sgt.how = how;
  }
}

/**
 * Adds pages to a table. Pages with consecutive frame numbers and one device map share an entry; they may also be
 * joined to the last entry of the table.
 *
 * @linux sg_alloc_append_table_from_pages (7.2). 6.1 knows no device maps, and succeeds for a call without pages
 * that follows another.
 * @context any
 * @errors InvalidArgument for numbers that are no counts, no pages, a segment smaller than a page, an offset behind
 * other pages, or (strict) pages that do not match the size; NoMemory, after which the entries filled before are as
 * they were
 * @differs strict: an entry ends where the kind of memory changes. Pages joined to the last entry count for the size,
 * and only join where that entry ends at the end of a page. Compatible, as Linux: they are added whole, the size is not
 * reduced, and a size smaller than the pages wraps, so that later entries get their full length. Never -EOPNOTSUPP:
 * lists can always be chained here
 */
export function sgAllocAppendTableFromPages<K extends MemoryKind>(
  append: SgAppendTable<K>,
  pages: readonly Page<K>[],
  options: AppendOptions,
): Result<undefined, InvalidArgument | NoMemory> {
  checkOptions('sgAllocAppendTableFromPages', options, APPEND_OPTIONS);
  const { how } = append.sgt;
  const { offset = 0, size, maxSegmentBytes = MOST_32, leftPages = 0 } = options;
  const strict = isStrict(how);
  if (!isCount(offset, how, 0, MOST_32)) return invalidCount('offset', offset, 0, MOST_32);
  if (!isCount(size, how, 1)) return invalidCount('size', size, 1);
  if (!isWhole(maxSegmentBytes, MOST_32)) return invalidCount('maxSegmentBytes', maxSegmentBytes, 0, MOST_32);
  if (!isWhole(leftPages, MOST_32)) return invalidCount('leftPages', leftPages, 0, MOST_32);
  const { prv } = append;
  const [first] = pages;
  if (first === undefined) {
    if (prv !== null && !strict && how.machine?.config.linux === '6.1') return finish(append, options);
    return invalid('pages', 0, 'at least 1');
  }
  const { pageSize } = first.zone.memory;
  const most = Math.floor(maxSegmentBytes / pageSize) * pageSize;
  if (most < pageSize) {
    report(
      how,
      'sg-segment-size',
      `segments of ${String(maxSegmentBytes)} bytes, pages of ${String(pageSize)}`,
    );
    return invalid('maxSegmentBytes', maxSegmentBytes, `at least a page (${String(pageSize)})`);
  }
  if (prv !== null && offset !== 0) {
    report(how, 'sg-append-offset', `pages appended with offset ${String(offset)}`);
    return invalid('offset', offset, '0 behind other pages');
  }
  const room = pages.length * pageSize - offset;
  if (strict && (offset < 0 || offset >= pageSize || size < 1 || size > room || size <= room - pageSize)) {
    return invalid(
      'size',
      size,
      `offset ${String(offset)} plus size to end in the last of ${String(pages.length)} pages (${String(room - pageSize + 1)} to ${String(room)} bytes)`,
    );
  }
  const used = prv === null || !strict ? -1 : usedBehind(prv);
  if (used >= 0) {
    report(
      how,
      'sg-endless-list',
      `the link in slot ${String(used)} leads from the last entry to one in use`,
    );
    return invalid('link', used, 'a slot whose link leads to free entries');
  }
  const lengthBefore = prv?.length ?? 0;
  const joined = prv === null ? 0 : join(prv, pages, size, most, strict);
  if (joined < pages.length) {
    const ended = prv?.isLast === true;
    const left = strict ? size - joined * pageSize : size;
    const rest = { offset, size: left, mostPages: most / pageSize, leftPages };
    const failed = ended
      ? invalid('leftPages', 0, 'enough for all pages, in every call before the last')
      : fill(append, pages, joined, pageSize, rest);
    if (!failed.ok) {
      if (prv !== null) prv.length = lengthBefore;
      return failed;
    }
  }
  return finish(append, options);
}

/** The slot of a link that leads back, so that new entries would overwrite entries in use; -1 if there is none. */
function usedBehind(prv: SgEntry): number {
  const seen = new Set([prv.array]);
  let { array } = prv;
  let slot = prv.slot + 1;
  for (;;) {
    while (slot < array.slots && array.marks[slot] === 0) slot += 1;
    const to = ((array.marks[slot] ?? 0) & SG_CHAIN) === 0 ? undefined : array.linkAt(slot);
    if (to === undefined) return -1;
    if (to.page !== null || seen.has(to.array)) return slot;
    seen.add(to.array);
    ({ array, slot } = to);
  }
}

function finish(append: SgAppendTable, { leftPages = 0 }: AppendOptions): Result<undefined, never> {
  if (leftPages === 0 && append.prv !== null) sgMarkEnd(append.prv);
  return done;
}

function invalid(argument: string, got: number, expected: string): Result<never, InvalidArgument> {
  return err({ code: 'InvalidArgument', argument, got, expected });
}

/**
 * Whether pages of two zones that lie side by side may share an entry. Linux asks for one page map, so that lowmem and
 * highmem do; but an entry over both would be of two kinds, of which its type can name one.
 */
function mayShare(zone: Zone, before: Zone, strict: boolean): boolean {
  return zone === before || (!strict && zone.pageMapId === before.pageMapId);
}

/** `pages_are_mergeable`. */
function follows(page: Page, before: Page, strict: boolean): boolean {
  return page.pfn === before.pfn + 1 && mayShare(page.zone, before.zone, strict);
}

/**
 * Lengthens the last entry by the pages that follow it; returns how many. The sum is one of 64 bits, as on a kernel of
 * 64: it never wraps, so that a full entry is followed by another.
 */
function join(prv: SgEntry, pages: readonly Page[], size: number, most: number, strict: boolean): number {
  const [first] = pages;
  if (first === undefined || prv.page === null) return 0;
  const { memory } = first.zone;
  const { pageSize } = memory;
  const end = prv.page.pfn * pageSize + prv.offset + prv.length;
  // Linux rounds an end inside a page down, and may then add that page a second time.
  if (Math.floor(end / pageSize) !== first.pfn || (strict && end % pageSize !== 0)) return 0;
  let before = memory.pageAt(first.pfn - 1);
  let joined = 0;
  for (const page of pages) {
    const { length } = prv;
    if (before === undefined || !follows(page, before, strict) || length + pageSize > most) break;
    const more = strict ? Math.min(size - joined * pageSize, pageSize) : pageSize;
    prv.array.set(prv.slot, prv.page, length + more, prv.offset, strict ? 'strict' : 'compatible');
    before = page;
    joined += 1;
  }
  return joined;
}

interface Rest {
  readonly offset: number;
  readonly size: number;
  readonly mostPages: number;
  readonly leftPages: number;
}

/** Puts the pages from `from` on into new entries; the error counts the entries that this call needs. */
function fill<K extends MemoryKind>(
  append: SgAppendTable<K>,
  pages: readonly Page<K>[],
  from: number,
  pageSize: number,
  rest: Rest,
): Result<undefined, NoMemory> {
  const { ends, count } = runsOf(pages, from, rest.mostPages, isStrict(append.sgt.how));
  const slots = new SlotCursor(append);
  let { offset, size } = rest;
  let start = from;
  const semantics = semanticsOf(append.sgt.how);
  // There is nothing to check if all page structs are adjacent.
  const isPlain = pages[from]?.zone.memory.pageStructs === undefined;
  for (let run = 0; run < count;) {
    const array = slots.advance(count - run + rest.leftPages);
    const page = pages[start];
    if (array === undefined || page === undefined)
      return err({ code: 'NoMemory', wanted: count, available: run });
    // Whole pages fill the following unmarked slots in one step.
    const many = isPlain && run > 0 ? Math.min(count - run, slots.plainSlots) : 0;
    const whole = many > 0 ? ((ends[run + many - 1] ?? 0) - start) * pageSize : 0;
    if (whole > 0 && size >= whole) {
      start = array.setRuns(slots.slot, { pages, ends }, run, many, pageSize);
      size -= whole;
      slots.slot += many - 1;
      run += many;
      continue;
    }
    const end = ends[run] ?? 0;
    const bytes = (end - start) * pageSize - offset;
    // An offset beyond the entry, and a size that ran out, are huge unsigned numbers to C.
    const chunk = bytes < 0 ? bytes >>> 0 : bytes;
    const length = size < 0 || chunk < size ? chunk : size;
    if (isPlain) array.set(slots.slot, page, length, offset, semantics);
    else setSlot(array, slots.slot, page, length, offset, semantics);
    size -= chunk;
    offset = 0;
    start = end;
    run += 1;
  }
  setCounts(append.sgt, append.sgt.nents + count);
  append.prv = slots.entry;
  return done;
}

interface Runs {
  /** The index after the last page of each run. */
  readonly ends: Int32Array;
  readonly count: number;
}

/** The pages that share an entry, as in `pages_are_mergeable`, in runs of at most `mostPages`. */
function runsOf(pages: readonly Page[], from: number, mostPages: number, strict: boolean): Runs {
  const ends = new Int32Array(pages.length - from);
  let count = 0;
  let next = -1;
  let before = pages[from]?.zone;
  let most = from + mostPages;
  for (let i = from; i < pages.length; i += 1) {
    const page = pages[i];
    if (page === undefined) break;
    const { pfn, zone } = page;
    const isApart = zone !== before && (before === undefined || !mayShare(zone, before, strict));
    if ((pfn !== next || i >= most || isApart) && i > from) {
      ends[count] = i;
      count += 1;
      most = i + mostPages;
    }
    before = zone;
    next = pfn + 1;
  }
  ends[count] = pages.length;
  return { ends, count: count + 1 };
}

/** The position of the slot to fill, without an `SgEntry` object for each slot. */
class SlotCursor<K extends MemoryKind> {
  private readonly append: SgAppendTable<K>;
  private readonly chunks: SgChunks;
  private readonly most: number;
  private array: SgArray<K> | undefined;
  slot: number;

  constructor(append: SgAppendTable<K>) {
    const { how } = append.sgt;
    this.append = append;
    this.most = maxSingleAllocOf(how);
    this.chunks = kmallocChunks(allocatorOf(how), this.most);
    this.array = append.prv?.array;
    this.slot = append.prv?.slot ?? -1;
  }

  /** The current slot, once there is one. */
  get entry(): SgEntry<K> | null {
    return this.array?.entry(this.slot) ?? null;
  }

  /** Number of slots from the current one on that are free: it, and those after it without a mark. */
  get plainSlots(): number {
    const array = this.array;
    if (array === undefined) return 0;
    const { marks } = array;
    let end = this.slot + 1;
    while (end < array.slots && marks[end] === 0) end += 1;
    return end - this.slot;
  }

  /** `get_next_sg`: moves to the next free slot; `needed` entries are still to come. `undefined` if memory is short. */
  advance(needed: number): SgArray<K> | undefined {
    const append = this.append;
    const current = this.array;
    if (current !== undefined) {
      const next = this.slot + 1;
      // The last slot is kept for a link while more entries are to come than it can hold.
      const marks = next < current.slots ? current.marks[next] : SG_END;
      if (marks === 0 || (marks === SG_END && needed === 1)) {
        this.slot = next;
        return current;
      }
      const link = current.linkAt(next);
      if (link !== undefined) {
        this.slot = link.slot;
        return (this.array = link.array);
      }
    }
    const slots = Math.min(needed, this.most);
    const fresh = this.chunks.allocate<K>(slots);
    if (fresh === undefined) return undefined;
    sgInitMarker(fresh, slots);
    if (current === undefined) append.sgt.sgl = fresh.entry(0);
    else sgChain(current, this.slot + 2, fresh.entry(0), { semantics: 'compatible' });
    append.totalNents += current === undefined ? slots : slots - 1;
    this.slot = 0;
    return (this.array = fresh);
  }
}

/**
 * Frees the arrays of a table that grew, including slots that were never filled.
 *
 * @linux sg_free_append_table (7.2)
 * @context any
 * @differs strict: the counts and the last entry are reset too
 */
export function sgFreeAppendTable(append: SgAppendTable): void {
  freeEntries(append.sgt, append.totalNents, append.sgt.how);
  if (!isStrict(append.sgt.how)) return;
  append.prv = null;
  append.totalNents = 0;
}
