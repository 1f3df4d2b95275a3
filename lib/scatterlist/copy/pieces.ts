/**
 * The pieces of a list as a copy needs them: side by side, and looked up once.
 *
 * What bounds a gather is not instructions but cache lines: the bytes of a megabyte push everything else out. So
 * a copy reads, for each piece, a word or two of arrays here and the view, and no page.
 */
import type { PassablePieces } from '../../kernel/parts/piece-range.ts';
import type { Chunk } from '../../machine/arena.ts';
import type { Page, PhysicalMemory } from '../../machine/memory.ts';
import type { SgArray } from '../list/sg-array.ts';

/** Up to here, a cache line, a loop over words beats a call of `set`, where both sides are aligned to words. */
const WORD_LOOP_BYTES = 64;
const LEAST_CAPACITY = 16;
/** One for each end of a range. */
const MOST_CUTS = 2;
/** Most bytes of a piece: to know that they lie in one run touches all of them, to map a few does not. */
const MOST_BYTES = 2 ** 24;

/** Pieces one behind the other that are alike: all of them short, aligned, and in one buffer, or none of them so. */
export interface WordRun {
  /** One past the last of them. */
  readonly end: number;
  /** Their buffer in words; `undefined` for pieces that are not for the word loop. */
  readonly words: BigUint64Array | undefined;
  /** Whether each is a cache line. */
  readonly isLines: boolean;
}

/** A part of a piece, or of pieces in one run, kept because the range that it ends may be copied again. */
interface Cut {
  readonly index: number;
  readonly from: number;
  readonly view: Uint8Array;
}

/** Pieces one behind the other, from `skipBytes` of the first on and without `cutBytes` at the end of the last. */
interface Span {
  readonly first: number;
  readonly end: number;
  readonly skipBytes: number;
  readonly cutBytes: number;
}

/** Pieces of one list, in order; only ever more of them. */
export class Pieces implements PassablePieces {
  /** The memory of all pieces in one run: that of the first page. A list may name pages of two machines. */
  memory: PhysicalMemory | undefined = undefined;
  /** How many there are. */
  count = 0;
  /** Bytes of all of them together. */
  bytes = 0;
  /** The page in which each begins, `undefined` if there is none. */
  readonly pages: (Page | undefined)[] = [];
  /** The bytes of each that was moved through a view; short pieces are moved without. */
  readonly views: (Uint8Array | undefined)[] = [];
  /** The frame number + 1 of the last page if the bytes are system RAM in one run of memory; else 0. */
  frames: Int32Array;
  /** The least and the greatest of the frames that are not 0. */
  lowest: number = 2 ** 31 - 1;
  highest = 0;
  /** How many frames are 0. */
  #bare = 0;
  /** Offset of each in the list. */
  starts: Float64Array;
  /** Offset of the first byte of each: in the page's chunk for system RAM in one run, else in the page. */
  bases: Int32Array;
  /**
   * The first piece of those that each lies behind in one run of the host's memory, by piece; it is its own where it
   * continues none. Frames get their bytes one behind the other when they are first touched, so a list that was filled
   * in its order is a few such runs, however its frame numbers are scattered.
   */
  heads: Int32Array;
  /** One past the last piece of a run, by its first piece; 0 for others. */
  ends: Int32Array;
  /** The bytes of each run that was moved, by its first piece. */
  readonly #runs: (Uint8Array | undefined)[] = [];
  #runCount = 0;
  /** Where the next piece has to begin to continue the last run. */
  #nextChunk: Chunk | undefined = undefined;
  #nextBase = 0;
  /** Bytes of the first piece. */
  #firstBytes = 0;
  #wordRuns: readonly WordRun[] = [];
  #wordRunsFor = 0;
  /** The bytes of each piece of device storage that was asked for. */
  readonly storage: (Uint8Array | undefined)[] = [];
  /** Pieces that were not looked at, because they were not wanted when they were added, and how many there are. */
  private unseen: Uint8Array;
  #unseenCount = 0;
  readonly #cuts: Cut[] = [];
  #peers: (Uint8Array | undefined)[] | undefined = undefined;
  #peer: Uint8Array | undefined = undefined;
  #peerShift = 0;
  /** So many pieces, from the first on, had only allocated pages when memory had seen so many frees. */
  #allocatedCount = 0;
  #allocatedAt = 0;

  /** Makes room for `capacity` pieces; there can be more. */
  constructor(capacity: number = LEAST_CAPACITY) {
    this.frames = new Int32Array(capacity);
    this.starts = new Float64Array(capacity);
    this.bases = new Int32Array(capacity);
    this.heads = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.unseen = new Uint8Array(capacity);
  }

  get areAllRam(): boolean {
    return this.#bare === 0;
  }

  /** Offset in the list of the first byte behind a piece. */
  endOf(index: number): number {
    return index + 1 < this.count ? (this.starts[index + 1] ?? 0) : this.bytes;
  }

  /** Bytes of a piece. */
  lengthOf(index: number): number {
    return this.endOf(index) - (this.starts[index] ?? 0);
  }

  /**
   * Adds entries that are a piece each, system RAM within a page that has its bytes: from slot `first` on, until one
   * is not, or bears a mark, or there are `mostBytes`. Returns how many.
   */
  addPlain(list: SgArray, first: number, end: number, mostBytes: number): number {
    const { pages, views } = this;
    while (this.count + end - first > this.frames.length) this.#grow();
    const { frames, starts, bases } = this;
    let index = this.count;
    let { bytes, lowest, highest } = this;
    let slot = first;
    while (slot < end && bytes < mostBytes && (slot === first || list.marks[slot] === 0)) {
      const page = list.pages[slot];
      const offset = list.offsets[slot] ?? 0;
      const length = list.lengths[slot] ?? 0;
      if (page === null || page === undefined || page.chunk === undefined || length === 0) break;
      const { memory, isSystemRam } = page.zone;
      if (memory !== (this.memory ??= memory) || !isSystemRam || offset + length > memory.pageSize) break;
      if (index === 0) this.#firstBytes = length;
      const frame = page.pfn + 1;
      const base = page.chunkOffset + offset;
      if (frame > highest) highest = frame;
      if (frame < lowest) lowest = frame;
      const continues = this.#join(index, page.chunk, base, length);
      pages.push(page);
      views.push(continues || length <= WORD_LOOP_BYTES ? undefined : page.chunk.view(base, length));
      frames[index] = frame;
      starts[index] = bytes;
      bases[index] = base;
      bytes += length;
      index += 1;
      slot += 1;
      if (list.marks[slot - 1] !== 0) break;
    }
    this.count = index;
    this.bytes = bytes;
    this.lowest = lowest;
    this.highest = highest;
    return slot - first;
  }

  /** Adds the piece of `lengthBytes` that begins in a page; one that is not wanted yet gets no bytes from the host. */
  add(page: Page | undefined, offset: number, lengthBytes: number, isWanted = true): void {
    const index = this.count;
    if (index === this.frames.length) this.#grow();
    const isOwn = page === undefined || page.zone.memory === (this.memory ??= page.zone.memory);
    const isSeen = isWanted || page === undefined || !isOwn || isTouched(page, offset, lengthBytes);
    if (!isSeen) {
      this.unseen[index] = 1;
      this.#unseenCount += 1;
    }
    const frame = page === undefined || !isOwn || !isSeen ? 0 : frameOf(page, offset, lengthBytes);
    if (index === 0) this.#firstBytes = lengthBytes;
    this.pages.push(page);
    this.views.push(undefined);
    this.frames[index] = frame;
    if (frame === 0) this.#bare += 1;
    if (frame > this.highest) this.highest = frame;
    if (frame > 0 && frame < this.lowest) this.lowest = frame;
    this.starts[index] = this.bytes;
    const base = frame === 0 || page === undefined ? offset : page.chunkOffset + offset;
    this.bases[index] = base;
    this.#join(index, frame === 0 ? undefined : page?.chunk, base, lengthBytes);
    this.bytes += lengthBytes;
    this.count = index + 1;
  }

  /** Adds a piece to the last run where it continues that, else to a new one; returns which. */
  #join(index: number, chunk: Chunk | undefined, base: number, lengthBytes: number): boolean {
    const continues = chunk !== undefined && chunk === this.#nextChunk && base === this.#nextBase;
    const head = continues ? (this.heads[index - 1] ?? 0) : index;
    this.heads[index] = head;
    this.ends[head] = index + 1;
    if (!continues) this.#runCount += 1;
    this.#nextChunk = chunk;
    this.#nextBase = base + lengthBytes;
    return continues;
  }

  /** Whether there are pieces that were not looked at. */
  get hasUnseen(): boolean {
    return this.#unseenCount > 0;
  }

  /** Looks at the pieces of bytes that are wanted now. */
  lookAt(fromByte: number, endByte: number): void {
    if (this.#unseenCount === 0) return;
    const first = this.indexAt(fromByte);
    const end = this.indexAt(endByte - 1) + 1;
    const skipBytes = fromByte - (this.starts[first] ?? 0);
    this.look({ first, end, skipBytes, cutBytes: this.endOf(end - 1) - endByte });
  }

  /** The same, for pieces; of one of many pages a part is not enough. */
  look({ first, end, skipBytes, cutBytes }: Span): void {
    for (let i = first; i < end && this.#unseenCount > 0; i += 1) {
      const page = this.pages[i];
      if (this.unseen[i] === 0 || page === undefined) continue;
      const offset = this.#base(i);
      const lengthBytes = this.lengthOf(i);
      const isPart = (i === first && skipBytes > 0) || (i === end - 1 && cutBytes > 0);
      const isWanted = !isPart || offset + lengthBytes <= page.zone.memory.pageSize;
      if (isWanted || isTouched(page, offset, lengthBytes)) this.#see(i, page, offset, lengthBytes);
    }
  }

  #see(index: number, page: Page, offset: number, lengthBytes: number): void {
    this.unseen[index] = 0;
    this.#unseenCount -= 1;
    const frame = frameOf(page, offset, lengthBytes);
    if (frame === 0) return;
    this.frames[index] = frame;
    this.#bare -= 1;
    this.bases[index] = page.chunkOffset + offset;
    if (frame > this.highest) this.highest = frame;
    if (frame < this.lowest) this.lowest = frame;
    this.#wordRunsFor = 0;
  }

  #grow(): void {
    const { frames, starts, bases, heads, ends } = this;
    const capacity = 2 * frames.length;
    this.frames = new Int32Array(capacity);
    this.starts = new Float64Array(capacity);
    this.bases = new Int32Array(capacity);
    this.heads = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    const { unseen } = this;
    this.unseen = new Uint8Array(capacity);
    this.unseen.set(unseen);
    this.heads.set(heads);
    this.ends.set(ends);
    this.frames.set(frames);
    this.starts.set(starts);
    this.bases.set(bases);
  }

  /** Whether every page of the pieces up to `end` is allocated; looked up once as long as no page is freed. */
  areAllocated(end: number): boolean {
    const { frees } = this.pages.find((page) => page !== undefined)?.zone.memory ?? { frees: 0 };
    if (frees !== this.#allocatedAt) this.#allocatedCount = 0;
    this.#allocatedAt = frees;
    while (this.#allocatedCount < end && this.#isAllocated(this.#allocatedCount)) this.#allocatedCount += 1;
    return this.#allocatedCount >= end;
  }

  #isAllocated(index: number): boolean {
    const page = this.pages[index];
    if (page === undefined) return true;
    const { memory } = page.zone;
    const pages = Math.ceil((this.pageOffsetOf(index) + this.lengthOf(index)) / memory.pageSize);
    for (let n = 0; n < pages; n += 1) if (memory.pageAt(page.pfn + n)?.isAllocated !== true) return false;
    return true;
  }

  /** The view of a piece of system RAM in one run; `undefined` for another. */
  viewOf(index: number): Uint8Array | undefined {
    if ((this.frames[index] ?? 0) === 0) return undefined;
    return (this.views[index] ??= this.pages[index]?.chunk?.view(this.#base(index), this.lengthOf(index)));
  }

  #base(index: number): number {
    return this.bases[index] ?? 0;
  }

  /** Makes the views of pieces up to `end` that are not left to the word loop. */
  makeViews(first: number, end: number, runs: readonly WordRun[] | undefined): void {
    let i = first;
    for (const run of runs ?? []) {
      if (run.words === undefined) for (; i < run.end && i < end; i += 1) this.viewOf(i);
      else i = Math.max(i, run.end);
    }
    for (; i < end; i += 1) this.viewOf(i);
  }

  /** Whether moving runs instead of pieces saves half of the copies, or more. */
  get isInRuns(): boolean {
    return 2 * this.#runCount <= this.count;
  }

  /** One past the last piece that lies in one run with a piece, `end` at most. */
  runEnd(first: number, end: number): number {
    return Math.min(end, this.ends[this.heads[first] ?? 0] ?? 0);
  }

  /**
   * The bytes of pieces that lie in one run, from `skipBytes` of the first on and without `cutBytes` at the end of the
   * last; `undefined` for what is not system RAM in one run.
   */
  bytesOf(first: number, end: number, skipBytes: number, cutBytes: number): Uint8Array | undefined {
    const isCut = skipBytes + cutBytes > 0;
    if (!isCut && end === first + 1) return this.views[first] ?? this.viewOf(first);
    if ((this.frames[first] ?? 0) === 0) return undefined;
    const lengthBytes = this.endOf(end - 1) - cutBytes - (this.starts[first] ?? 0) - skipBytes;
    // A part of a run is kept as a part of a piece is: there are as many as there are ranges.
    if (isCut || this.ends[first] !== end) return this.#cut(first, skipBytes, lengthBytes);
    const known = this.#runs[first];
    if (known?.length === lengthBytes) return known;
    return (this.#runs[first] = this.#view(first, 0, lengthBytes));
  }

  #cut(index: number, from: number, lengthBytes: number): Uint8Array | undefined {
    for (let i = 0; i < this.#cuts.length; i += 1) {
      const cut = this.#cuts[i];
      if (cut?.index === index && cut.from === from && cut.view.length === lengthBytes) return cut.view;
    }
    const view = this.#view(index, from, lengthBytes);
    if (view !== undefined) this.#cuts.push({ index, from, view });
    if (this.#cuts.length > MOST_CUTS) this.#cuts.shift();
    return view;
  }

  #view(index: number, from: number, lengthBytes: number): Uint8Array | undefined {
    return this.pages[index]?.chunk?.view(this.#base(index) + from, lengthBytes);
  }

  /** The view of a piece of device storage without handlers, which would see each access; `undefined` for another. */
  storageOf(index: number): Uint8Array | undefined {
    const known = this.storage[index];
    if (known !== undefined) return known;
    const page = this.pages[index];
    const region = page?.zone.region;
    if (page === undefined || region === undefined || region.handlers !== undefined) return undefined;
    if (page.zone.memory !== this.memory) return undefined;
    const chunk = page.zone.memory.touch(page);
    const base = page.chunkOffset + this.pageOffsetOf(index);
    return (this.storage[index] = chunk.view(base, this.lengthOf(index)));
  }

  /** Where a piece begins in its page. */
  pageOffsetOf(index: number): number {
    const base = this.#base(index);
    return (this.frames[index] ?? 0) === 0 ? base : base - (this.pages[index]?.chunkOffset ?? 0);
  }

  /** The piece that holds a byte of the list. */
  indexAt(byte: number): number {
    const { starts, count } = this;
    // Pieces are of one size as a rule; then it is where the byte would be if all were.
    const guess = byte < this.bytes ? ((byte / this.bytes) * count) >>> 0 : count - 1;
    if ((starts[guess] ?? 0) <= byte && byte < this.endOf(guess)) return guess;
    let low = 0;
    let high = count;
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= byte) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The pieces as runs for the word loop, where the list begins with one that is short enough. */
  get wordRuns(): readonly WordRun[] | undefined {
    if (this.#firstBytes > WORD_LOOP_BYTES) return undefined;
    if (this.#wordRunsFor !== this.count) {
      this.#wordRunsFor = this.count;
      this.#wordRuns = this.#inRuns();
    }
    return this.#wordRuns;
  }

  #inRuns(): readonly WordRun[] {
    const runs: WordRun[] = [];
    let words: BigUint64Array | undefined = undefined;
    let isLines = true;
    for (let i = 0; i < this.count; i += 1) {
      const piece = this.#wordsOf(i);
      if (i > 0 && piece !== words) {
        runs.push({ end: i, words, isLines });
        isLines = true;
      }
      words = piece;
      isLines &&= piece !== undefined && this.lengthOf(i) === WORD_LOOP_BYTES;
    }
    runs.push({ end: this.count, words, isLines });
    return runs;
  }

  #wordsOf(index: number): BigUint64Array | undefined {
    const lengthBytes = this.lengthOf(index);
    if (lengthBytes > WORD_LOOP_BYTES || ((this.#base(index) | lengthBytes) & 7) !== 0) return undefined;
    return (this.frames[index] ?? 0) === 0 ? undefined : this.pages[index]?.chunk?.words;
  }

  /**
   * Views of a buffer to copy from, by piece, kept from the second time on that the same buffer is used with
   * byte 0 of the list at the same place; to be filled by the caller. Nothing before. The last buffer is held on to.
   */
  peersIn(buffer: Uint8Array, shift: number): (Uint8Array | undefined)[] | undefined {
    if (this.#peer === buffer && this.#peerShift === shift)
      return (this.#peers ??= new Array<Uint8Array | undefined>(this.count).fill(undefined));
    this.#peer = buffer;
    this.#peerShift = shift;
    this.#peers = undefined;
    return undefined;
  }
}

/** Whether all bytes of a piece have cost memory before. */
function isTouched(page: Page, offset: number, lengthBytes: number): boolean {
  const { memory } = page.zone;
  if (lengthBytes > MOST_BYTES || !page.zone.isSystemRam) return true;
  const pages = (offset + lengthBytes + memory.pageMask) >>> memory.pageShift;
  for (let i = 0; i < pages; i += 1) {
    const each = i === 0 ? page : memory.pageAt(page.pfn + i);
    if (each !== undefined && each.chunk === undefined) return false;
  }
  return true;
}

function frameOf(page: Page, offset: number, lengthBytes: number): number {
  const { memory, isSystemRam, firstPfn, pages: zonePages } = page.zone;
  if (!isSystemRam || lengthBytes > MOST_BYTES) return 0;
  if (page.chunk !== undefined && offset + lengthBytes <= memory.pageSize) return page.pfn + 1;
  const pages = (offset + lengthBytes + memory.pageMask) >>> memory.pageShift;
  if (page.pfn + pages > firstPfn + zonePages) return 0;
  if (pages === 1) memory.touch(page);
  else if (!memory.isOneRun(page, pages)) return 0;
  return page.pfn + pages;
}
