/**
 * The memory that is mapped for devices, by page. A checked access looks here whether a device owns the bytes.
 */
import type { Page } from '../../machine/memory.ts';
import { ByteFlags } from './byte-flags.ts';
import type { DmaMapping, DmaOwner } from './dma-mapping.ts';

/** Contiguous bytes of a mapping in one page. */
class Span {
  readonly mapping: DmaMapping;
  /** Offset in the page, and in the mapping. */
  readonly offset: number;
  readonly at: number;
  readonly length: number;

  constructor(mapping: DmaMapping, offset: number, at: number, length: number) {
    this.mapping = mapping;
    this.offset = offset;
    this.at = at;
    this.length = length;
  }

  /** Whether the device may write a cache line of the range, no matter whether it or the CPU owns the line now. */
  mayWriteLines(first: number, last: number): boolean {
    if (this.mapping.direction === 'toDevice') return false;
    return lineOf(this.offset) <= last && lineOf(this.offset + this.length - 1) >= first;
  }

  /** Whether the device owns a byte of the range so that the CPU must not access it. */
  forbids(offset: number, lengthBytes: number, write: boolean): boolean {
    if (!write && this.mapping.direction === 'toDevice') return false;
    const from = Math.max(offset, this.offset);
    const end = Math.min(offset + lengthBytes, this.offset + this.length);
    return from < end && this.mapping.belongsTo('device', this.at + from - this.offset, end - from);
  }
}

/** A page with this many mappings or more keeps counts by byte, so that an access need not check each mapping. */
const CROWD = 8;

/** `L1_CACHE_BYTES` of most CPUs. Two mappings must not share a cache line that one of them writes. */
const CACHE_LINE = 64;

/** The number of devices that own each byte of a page with many mappings. */
interface Counts {
  /** Mappings of any direction. */
  readonly byReaders: Uint32Array;
  /** Mappings that the device may write through: `bidirectional` and `fromDevice`. */
  readonly byWriters: Uint32Array;
  /** The same by cache line, no matter whether the device or the CPU owns the bytes now. */
  readonly writersOfLine: Uint32Array;
}

/** The mapped pieces of a page that has several. */
class SharedPage {
  /** By mapping, oldest first; the spans of each in the order of its bus addresses. */
  readonly spans = new Map<DmaMapping, Span[]>();
  private readonly pageSize: number;
  #spanCount = 0;
  #counts: Counts | undefined = undefined;

  constructor(pageSize: number, first: Span, second: Span) {
    this.pageSize = pageSize;
    this.add(first);
    this.add(second);
  }

  add(span: Span): void {
    const before = this.spans.get(span.mapping);
    if (before === undefined) this.spans.set(span.mapping, [span]);
    else before.push(span);
    this.#spanCount += 1;
    if (this.#counts !== undefined) this.#countSpan(this.#counts, span, 1);
    else if (this.#spanCount > CROWD) this.#counts = this.#countAll();
  }

  delete(mapping: DmaMapping): void {
    const spans = this.spans.get(mapping) ?? [];
    if (this.#counts !== undefined) for (const span of spans) this.#countSpan(this.#counts, span, -1);
    this.#spanCount -= spans.length;
    this.spans.delete(mapping);
  }

  /** Counts bytes of one span of a mapping again, before (-1) and after (1) they change their owner. */
  recount(mapping: DmaMapping, at: number, length: number, by: 1 | -1): void {
    if (this.#counts === undefined) return;
    const spans = this.spans.get(mapping) ?? [];
    let index = 0;
    for (let high = spans.length - 1; index < high;) {
      const middle = (index + high + 1) >>> 1;
      if ((spans[middle]?.at ?? Infinity) <= at) index = middle;
      else high = middle - 1;
    }
    const span = spans[index];
    if (span !== undefined) this.#count(this.#counts, span, by, at - span.at, length);
  }

  #countAll(): Counts {
    const counts = {
      byReaders: new Uint32Array(this.pageSize),
      byWriters: new Uint32Array(this.pageSize),
      writersOfLine: new Uint32Array(Math.ceil(this.pageSize / CACHE_LINE)),
    };
    for (const spans of this.spans.values()) for (const span of spans) this.#countSpan(counts, span, 1);
    return counts;
  }

  #countSpan(counts: Counts, span: Span, by: 1 | -1): void {
    this.#count(counts, span, by, 0, span.length);
    if (span.mapping.direction === 'toDevice') return;
    const { writersOfLine } = counts;
    const last = lineOf(span.offset + span.length - 1);
    for (let line = lineOf(span.offset); line <= last; line += 1)
      writersOfLine[line] = (writersOfLine[line] ?? 0) + by;
  }

  #count(counts: Counts, { mapping, offset, at }: Span, by: 1 | -1, from: number, length: number): void {
    if (!mapping.belongsTo('device', at + from, length)) return;
    const bytes = mapping.direction === 'toDevice' ? counts.byReaders : counts.byWriters;
    const all = !mapping.belongsTo('cpu', at + from, length);
    for (let i = from; i < from + length; i += 1) {
      if (all || mapping.belongsTo('device', at + i, 1)) bytes[offset + i] = (bytes[offset + i] ?? 0) + by;
    }
  }

  /** The oldest mapping through which a device may write a cache line of the range. */
  writerOf(offset: number, lengthBytes: number): DmaMapping | undefined {
    const first = lineOf(offset);
    const last = lineOf(offset + lengthBytes - 1);
    if (this.#counts?.writersOfLine.subarray(first, last + 1).every((count) => count === 0) === true)
      return undefined;
    return this.#first((span) => span.mayWriteLines(first, last));
  }

  owner(offset: number, lengthBytes: number, write: boolean): DmaMapping | undefined {
    if (this.#counts !== undefined && !this.#isOwned(this.#counts, offset, lengthBytes, write))
      return undefined;
    return this.#first((span) => span.forbids(offset, lengthBytes, write));
  }

  #first(has: (span: Span) => boolean): DmaMapping | undefined {
    for (const [mapping, spans] of this.spans) if (spans.some(has)) return mapping;
    return undefined;
  }

  #isOwned({ byReaders, byWriters }: Counts, offset: number, lengthBytes: number, write: boolean): boolean {
    for (let i = offset; i < offset + lengthBytes; i += 1)
      if (byWriters[i] !== 0 || (write && byReaders[i] !== 0)) return true;
    return false;
  }
}

function lineOf(offset: number): number {
  return Math.floor(offset / CACHE_LINE);
}

function writerOf(owned: Span | SharedPage, offset: number, lengthBytes: number): DmaMapping | undefined {
  if (owned instanceof SharedPage) return owned.writerOf(offset, lengthBytes);
  return owned.mayWriteLines(lineOf(offset), lineOf(offset + lengthBytes - 1)) ? owned.mapping : undefined;
}

function ownerIn(
  owned: Span | SharedPage,
  offset: number,
  lengthBytes: number,
  write: boolean,
): DmaMapping | undefined {
  if (owned instanceof SharedPage) return owned.owner(offset, lengthBytes, write);
  return owned.forbids(offset, lengthBytes, write) ? owned.mapping : undefined;
}

/** Bytes of a page that a device may have written and that no sync gave to the CPU before the mapping ended. */
interface Unsynced {
  readonly bytes: ByteFlags;
  /** The last mapping that left such bytes. */
  mapping: DmaMapping;
}

/** Bytes of a new mapping that share a cache line with another mapping that may write it. */
export interface Overlap {
  readonly other: DmaMapping;
  readonly page: Page;
  readonly offset: number;
  readonly length: number;
}

/** A bounce pool: its lowmem slots replace other memory while they are in use. */
export interface Pool {
  readonly pages: readonly Page[];
  readonly slots: number;
  readonly slotsInUse: number;
  /** The runs of slots that are in use, the lowest slot first. */
  readonly runsInUse: readonly { readonly firstSlot: number; readonly slots: number }[];
}

/** The DMA mappings of all devices of one machine. */
export class DeviceOwned {
  // Most pages have one span, which is kept without a `SharedPage`, because thousands of maps would cost too much.
  readonly #byPage = new Map<Page, Span | SharedPage>();
  readonly #unsynced = new Map<Page, Unsynced>();
  readonly #pools = new Map<Page, Pool>();
  /** The live mappings, oldest first. */
  readonly mappings: Set<DmaMapping> = new Set<DmaMapping>();

  /** Whether every access of the CPU is allowed, because no device owns or left any bytes. */
  get isIdle(): boolean {
    return this.mappings.size === 0 && this.#unsynced.size === 0;
  }

  /** Adds a mapping; returns its first overlap with one that may write, which may be itself. */
  add(mapping: DmaMapping): Overlap | undefined {
    let overlap: Overlap | undefined;
    this.mappings.add(mapping);
    mapping.eachPage(0, mapping.lengthBytes, (page, offset, at, length) => {
      const owned = this.#byPage.get(page);
      if (owned !== undefined && overlap === undefined && mapping.direction !== 'toDevice') {
        const other = writerOf(owned, offset, length);
        if (other !== undefined) overlap = { other, page, offset, length };
      }
      const span = new Span(mapping, offset, at, length);
      if (owned === undefined) this.#byPage.set(page, span);
      else if (owned instanceof SharedPage) owned.add(span);
      else this.#byPage.set(page, new SharedPage(page.zone.memory.pageSize, owned, span));
      this.#unsynced.get(page)?.bytes.fill(0, offset, length);
    });
    return overlap;
  }

  delete(mapping: DmaMapping): void {
    if (!this.mappings.delete(mapping)) return;
    mapping.eachPage(0, mapping.lengthBytes, (page) => {
      const owned = this.#byPage.get(page);
      if (owned instanceof SharedPage) owned.delete(mapping);
      if (owned instanceof Span || owned?.spans.size === 0) this.#byPage.delete(page);
    });
  }

  /** Records the bytes of an unmap without a sync: the CPU may write them, but must not read them. */
  leaveUnsynced(mapping: DmaMapping): void {
    if (mapping.direction === 'toDevice' || mapping.isShared) return;
    mapping.eachPage(0, mapping.lengthBytes, (page, offset, at, length) => {
      const { pageSize } = page.zone.memory;
      const left = this.#unsynced.get(page) ?? { bytes: new ByteFlags(pageSize, 0), mapping };
      if (!mapping.belongsTo('cpu', at, length)) left.bytes.fill(1, offset, length);
      else
        for (let i = 0; i < length; i += 1)
          if (mapping.belongsTo('device', at + i, 1)) left.bytes.fill(1, offset + i, 1);
      if (!left.bytes.has(1, 0, pageSize)) return;
      left.mapping = mapping;
      this.#unsynced.set(page, left);
    });
  }

  /** Removes the unsynced bytes and the pool of a page that has a new owner. */
  forget(page: Page): void {
    this.#unsynced.delete(page);
    this.#pools.delete(page);
  }

  /** Records the pages of a bounce pool. */
  addPool(pool: Pool): void {
    for (const page of pool.pages) this.#pools.set(page, pool);
  }

  /** The bounce pools whose pages are still theirs, in the order in which they were made. */
  get pools(): readonly Pool[] {
    return [...new Set(this.#pools.values())];
  }

  /** The bounce pool that a page belongs to, if any slot of the pool is in use. */
  poolInUse(page: Page): Pool | undefined {
    const pool = this.#pools.get(page);
    return pool !== undefined && pool.slotsInUse > 0 ? pool : undefined;
  }

  /** Gives bytes of a mapping to the CPU or to its device. */
  give(mapping: DmaMapping, owner: DmaOwner, from: number, lengthBytes: number): void {
    this.#recount(mapping, from, lengthBytes, -1);
    mapping.give(owner, from, lengthBytes);
    this.#recount(mapping, from, lengthBytes, 1);
  }

  // Visits each page once, because a mapping may have several pieces of one page.
  #recount(mapping: DmaMapping, from: number, lengthBytes: number, by: 1 | -1): void {
    mapping.eachPage(from, lengthBytes, (page, _, at, length) => {
      const owned = this.#byPage.get(page);
      if (owned instanceof SharedPage) owned.recount(mapping, from + at, length, by);
    });
  }

  /** The oldest live mapping of any bytes of a page, no matter whether the device or the CPU owns them now. */
  mappingOf(page: Page): DmaMapping | undefined {
    const owned = this.#byPage.get(page);
    if (!(owned instanceof SharedPage)) return owned?.mapping;
    const [oldest] = owned.spans.keys();
    return oldest;
  }

  /** Whether a page, or part of it, is mapped for a device. */
  isMapped(page: Page): boolean {
    return this.#byPage.has(page);
  }

  /**
   * The mapping because of which the CPU must not make an access: its device owns a byte of the range. Reading bytes
   * that the device only reads is allowed.
   */
  forbids(page: Page, offset: number, lengthBytes: number, write: boolean): DmaMapping | undefined {
    const owned = this.#byPage.get(page);
    const owner = owned && ownerIn(owned, offset, lengthBytes, write);
    if (owner !== undefined || this.#unsynced.size === 0) return owner;
    const unsynced = this.#unsynced.get(page);
    if (write) unsynced?.bytes.fill(0, offset, lengthBytes);
    return unsynced?.bytes.has(1, offset, lengthBytes) === true ? unsynced.mapping : undefined;
  }
}
