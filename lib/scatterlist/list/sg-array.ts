/**
 * An array of `struct scatterlist`, with one typed array for each field.
 *
 * `SgEntry` is a pointer into it: an array and a slot. There is one object for each slot, made at first use, so that
 * two pointers to one entry are the same object.
 */
import type { Hash } from '../../base/hash.ts';
import { requireWhole } from '../../base/whole.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { checkEntry, checkOffset, checkSlot } from './check-entry.ts';
import type { Semantics } from './check-entry.ts';

/** `SG_CHAIN`: the slot links to another array. */
export const SG_CHAIN = 1;
/** `SG_END`: the list ends with this slot. */
export const SG_END = 2;

/** The DMA fields of an array; made when it is first mapped for a device. */
export interface SgDmaFields {
  readonly addresses: Float64Array;
  readonly lengths: Uint32Array;
  readonly flags: Uint8Array;
}

// Allocating a separate buffer is the greatest cost of a typed array, so larger arrays share one. It only
// grows and holds no state. V8 keeps short arrays inside their typed array objects.
const SLAB_BYTES = 32768;
const SHORT_SLOTS = 16;
const BYTES_PER_SLOT = 9;
let slab = new ArrayBuffer(0);
let slabUsed = 0;

/** The most entries of an array or table; more would not fit into the host's memory. */
export const MOST_SLOTS: number = LIMITS.sgMostEntries;
/** Marks are kept in a byte. */
const MOST_MARKS = 255;

// Copying an array takes a third of the time of filling one.
const NO_PAGES: readonly null[] = Array.from({ length: 128 }, () => null);

interface Fields {
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  readonly marks: Uint8Array;
}

function fieldsFor(slots: number): Fields {
  const bytes = Math.ceil((slots * BYTES_PER_SLOT) / 8) * 8;
  if (slots <= SHORT_SLOTS || bytes > SLAB_BYTES / 4) {
    return {
      offsets: new Uint32Array(slots),
      lengths: new Uint32Array(slots),
      marks: new Uint8Array(slots),
    };
  }
  if (slabUsed + bytes > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const at = slabUsed;
  slabUsed += bytes;
  return {
    offsets: new Uint32Array(slab, at, slots),
    lengths: new Uint32Array(slab, at + 4 * slots, slots),
    marks: new Uint8Array(slab, at + 8 * slots, slots),
  };
}

/** Data that was derived from entries. It `holds` until an entry changes or the data are not needed any more. */
export interface SgReader {
  holds: boolean;
}

const NOBODY: readonly SgReader[] = [];

/** Numbers in a typed array that only its owner writes. */
export interface ReadonlyNumbers extends Iterable<number> {
  readonly length: number;
  readonly [index: number]: number;
}

/** Pages, and for each run that shares an entry the index after its last page. */
export interface PageRuns<K extends MemoryKind> {
  readonly pages: readonly Page<K>[];
  readonly ends: Int32Array;
}

/** The target of a chain slot. An array usually has one such slot, so they form a linked list and not a map. */
interface Link<K extends MemoryKind> {
  readonly slot: number;
  to: SgEntry<K>;
  readonly other: Link<K> | undefined;
}

/** One array of entries. Entries are changed only through its methods, which invalidate data derived from them. */
export class SgArray<K extends MemoryKind = MemoryKind> {
  readonly slots: number;
  /** The data that copy helpers keep for lists that begin here; only they use it. */
  copies: object | undefined = undefined;
  private readonly ownPages: (Page<K> | null)[];
  private readonly ownOffsets: Uint32Array;
  private readonly ownLengths: Uint32Array;
  private readonly ownMarks: Uint8Array;
  private ownFirstMark: number;
  #readers: readonly SgReader[] = NOBODY;
  #links: Link<K> | undefined = undefined;
  #head: SgEntry<K> | undefined = undefined;
  #entries: (SgEntry<K> | undefined)[] | undefined = undefined;
  #dma: SgDmaFields | undefined = undefined;

  constructor(slots: number) {
    requireWhole('slots of a list array', slots, 0, MOST_SLOTS);
    this.slots = slots;
    this.ownFirstMark = slots;
    this.ownPages =
      slots <= NO_PAGES.length ? NO_PAGES.slice(0, slots) : Array.from({ length: slots }, () => null);
    const { offsets, lengths, marks } = fieldsFor(slots);
    this.ownOffsets = offsets;
    this.ownLengths = lengths;
    this.ownMarks = marks;
  }

  /** Adds what the array holds, and the arrays that it links to, to a hash. What was worked out of it is left out. */
  addTo(hash: Hash): void {
    const arrays = new Set<SgArray>([this]);
    // The set grows while it is walked, by the arrays that are linked to.
    for (const array of arrays) {
      for (const page of array.ownPages) hash.add(page?.pfn ?? -1);
      for (const field of [array.ownOffsets, array.ownLengths]) for (const value of field) hash.add(value);
      hash.addBytes(array.ownMarks);
      for (let link = array.#links; link !== undefined; link = link.other) {
        arrays.add(link.to.array);
        hash
          .add(link.slot)
          .add([...arrays].indexOf(link.to.array))
          .add(link.to.slot);
      }
      const dma = array.#dma;
      if (dma === undefined) continue;
      for (const field of [dma.addresses, dma.lengths]) for (const value of field) hash.add(value);
      hash.addBytes(dma.flags);
    }
  }

  /** Page of each slot. */
  get pages(): readonly (Page<K> | null)[] {
    return this.ownPages;
  }

  /** Offset of each slot. */
  get offsets(): ReadonlyNumbers {
    return this.ownOffsets;
  }

  /** Length of each slot. */
  get lengths(): ReadonlyNumbers {
    return this.ownLengths;
  }

  /** `SG_CHAIN` and `SG_END` by slot: the low bits of `page_link`. */
  get marks(): ReadonlyNumbers {
    return this.ownMarks;
  }

  /** The first slot with a mark; `slots` if there is none. */
  get firstMark(): number {
    return this.ownFirstMark;
  }

  /** Registers data that the next change of an entry, mark or link invalidates; DMA fields do not count. */
  tell(reader: SgReader): void {
    this.#readers = [...this.#readers.filter((other) => other.holds && other !== reader), reader];
  }

  #changed(): void {
    for (const reader of this.#readers) reader.holds = false;
    this.#readers = NOBODY;
  }

  /**
   * Sets page, length and offset of a slot and keeps its marks. Values that do not fit the field, and bytes that do
   * not exist, are refused, unless the page's machine or `semantics` is compatible.
   */
  set(slot: number, page: Page<K> | null, lengthBytes: number, offset: number, semantics?: Semantics): void {
    if (slot >>> 0 !== slot || slot >= this.slots) checkSlot(slot, this.slots);
    // Bytes within the given page exist, so only other ranges are checked.
    if (
      page === null ||
      lengthBytes >>> 0 !== lengthBytes ||
      offset >>> 0 !== offset ||
      offset + lengthBytes > page.zone.memory.pageSize
    )
      checkEntry(page, lengthBytes, offset, semantics);
    if (this.#readers !== NOBODY) this.#changed();
    this.ownPages[slot] = page;
    this.ownLengths[slot] = lengthBytes;
    this.ownOffsets[slot] = offset;
  }

  /** Sets only the offset of a slot. The length may be set next, so it is not checked with it. */
  setOffset(slot: number, offset: number, semantics?: Semantics): void {
    checkSlot(slot, this.slots);
    checkOffset(this.ownPages[slot] ?? null, offset, semantics);
    if (this.#readers !== NOBODY) this.#changed();
    this.ownOffsets[slot] = offset;
  }

  /**
   * Sets slots from `slot` on to whole pages, one slot for each of `count` runs behind the first `run`, and keeps
   * their marks; returns the index after the last page.
   */
  setRuns(slot: number, { pages, ends }: PageRuns<K>, run: number, count: number, pageSize: number): number {
    requireWhole('slot', slot, 0, this.slots);
    requireWhole('run', run, 1, ends.length);
    requireWhole('count', count, 0, Math.min(this.slots - slot, ends.length - run));
    requireWhole('the end of the last run', ends[run + count - 1] ?? 0, 0, pages.length);
    if (pages[0] !== undefined) requireWhole('pageSize', pageSize, 0, pages[0].zone.memory.pageSize);
    if (this.#readers !== NOBODY) this.#changed();
    const entryPages = this.ownPages;
    const lengths = this.ownLengths;
    let start = ends[run - 1] ?? 0;
    for (let i = 0; i < count; i += 1) {
      const end = ends[run + i] ?? 0;
      entryPages[slot + i] = pages[start] ?? null;
      lengths[slot + i] = (end - start) * pageSize;
      start = end;
    }
    this.ownOffsets.fill(0, slot, slot + count);
    return start;
  }

  /** Sets the marks of a slot. */
  mark(slot: number, marks: number): void {
    if (slot >>> 0 !== slot || slot >= this.slots) checkSlot(slot, this.slots);
    if (marks >>> 0 !== marks || marks > MOST_MARKS) requireWhole('marks', marks, 0, MOST_MARKS);
    if (this.#readers !== NOBODY) this.#changed();
    this.ownMarks[slot] = marks;
    if (slot < this.ownFirstMark && marks !== 0) this.ownFirstMark = slot;
    else if (slot === this.ownFirstMark && marks === 0) this.ownFirstMark = this.#nextMark(slot + 1);
  }

  #nextMark(slot: number): number {
    let next = Math.min(slot, this.slots);
    while (next < this.slots && this.ownMarks[next] === 0) next += 1;
    return next;
  }

  /** The pointer to a slot. */
  entry(slot: number): SgEntry<K> {
    // In most arrays only the first slot ever has a pointer: the list's, or a link's.
    if (slot === 0) return (this.#head ??= new SgEntry(this, 0));
    const entries = (this.#entries ??= []);
    return (entries[slot] ??= this.#newEntry(slot));
  }

  #newEntry(slot: number): SgEntry<K> {
    checkSlot(slot, this.slots, 'entry');
    return new SgEntry(this, slot);
  }

  /** The entry to which a chain slot leads. */
  linkAt(slot: number): SgEntry<K> | undefined {
    return this.#linkOf(slot)?.to;
  }

  /** Sets the target of a slot; the caller sets the marks. */
  setLink(slot: number, to: SgEntry<K>): void {
    checkSlot(slot, this.slots);
    if (this.#readers !== NOBODY) this.#changed();
    const link = this.#linkOf(slot);
    if (link === undefined) this.#links = { slot, to, other: this.#links };
    else link.to = to;
  }

  #linkOf(slot: number): Link<K> | undefined {
    let link = this.#links;
    while (link !== undefined && link.slot !== slot) link = link.other;
    return link;
  }

  /** Clears the first slots. */
  clear(slots: number): void {
    requireWhole('slots', slots, 0, this.slots);
    if (this.#readers !== NOBODY) this.#changed();
    this.ownPages.fill(null, 0, slots);
    this.ownOffsets.fill(0, 0, slots);
    this.ownLengths.fill(0, 0, slots);
    this.ownMarks.fill(0, 0, slots);
    if (this.ownFirstMark < slots) this.ownFirstMark = this.#nextMark(slots);
    this.#dma?.addresses.fill(0, 0, slots);
    this.#dma?.lengths.fill(0, 0, slots);
    this.#dma?.flags.fill(0, 0, slots);
  }

  /** The DMA fields, if a device has needed them. */
  get dmaIfMapped(): SgDmaFields | undefined {
    return this.#dma;
  }

  /** The DMA fields, made when a device first needs them. */
  get dma(): SgDmaFields {
    return (this.#dma ??= {
      addresses: new Float64Array(this.slots),
      lengths: new Uint32Array(this.slots),
      flags: new Uint8Array(this.slots),
    });
  }
}

/** A `struct scatterlist *`: one entry of a list, or the chain slot at the end of an array. */
export class SgEntry<K extends MemoryKind = MemoryKind> {
  readonly array: SgArray<K>;
  readonly slot: number;

  constructor(array: SgArray<K>, slot: number) {
    this.array = array;
    this.slot = slot;
  }

  /** `sg_page`: the page in which the entry begins; `undefined` before one is set. */
  get page(): Page<K> | null {
    return this.array.pages[this.slot] ?? null;
  }

  /** Bytes from the start of the page to the first byte; may be a page or more. Set it as C sets `sg->offset`. */
  get offset(): number {
    return this.array.offsets[this.slot] ?? 0;
  }

  set offset(bytes: number) {
    this.array.setOffset(this.slot, bytes);
  }

  /** Bytes of the entry; may span many pages. Set it as C sets `sg->length`. */
  get length(): number {
    return this.array.lengths[this.slot] ?? 0;
  }

  set length(bytes: number) {
    this.array.set(this.slot, this.page, bytes, this.offset);
  }

  /** `sg_is_chain`: whether the slot links to another array. */
  get isChain(): boolean {
    return ((this.array.marks[this.slot] ?? 0) & SG_CHAIN) !== 0;
  }

  /** `sg_is_last`: whether the list ends here. */
  get isLast(): boolean {
    return ((this.array.marks[this.slot] ?? 0) & SG_END) !== 0;
  }
}
