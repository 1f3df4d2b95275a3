/**
 * The pieces of a list in arrays, looked up once for many copies.
 *
 * The time of a gather depends on cache lines, not on instructions, because copying a megabyte pushes everything else
 * out of the cache. So for each piece a copy reads one or two words of the arrays here and the view, and no page.
 */
import type { PassablePieces } from '../../kernel/parts/piece-range.ts';
import type { Chunk } from '../../machine/arena.ts';
import type { Page, PhysicalMemory } from '../../machine/memory.ts';
import type { SgArray } from '../list/sg-array.ts';

/** Up to this length, a cache line, a loop over aligned words is faster than a call of `set`. */
const WORD_LOOP_BYTES = 64;
const LEAST_CAPACITY = 16;
/** One for each end of a range. */
const MOST_CUTS = 2;
/** Length limit of a piece. To find out whether it is one run touches all its pages; mapping a few bytes does not. */
const MOST_BYTES = 2 ** 24;

/** Consecutive pieces that are all suitable for the word loop (short, aligned, in one buffer), or all not. */
export interface WordRun {
  /** The index after the last of them. */
  readonly end: number;
  /** Their buffer as words; `undefined` for pieces that are not suitable for the word loop. */
  readonly words: BigUint64Array | undefined;
  /** Whether each is a cache line. */
  readonly isLines: boolean;
}

/** A view of a part of a piece or run at the end of a range; kept because the range may be copied again. */
interface Cut {
  readonly index: number;
  readonly from: number;
  readonly view: Uint8Array;
}

/** Consecutive pieces, without `skipBytes` at the start of the first and `cutBytes` at the end of the last. */
interface Span {
  readonly first: number;
  readonly end: number;
  readonly skipBytes: number;
  readonly cutBytes: number;
}

/** The pieces of one list, in order. Pieces are only added, never removed. */
export class Pieces implements PassablePieces {
  /** The memory of all pieces in one run: that of the first page. A list may name pages of two machines. */
  memory: PhysicalMemory | undefined = undefined;
  /** The number of pieces. */
  count = 0;
  /** The sum of their lengths. */
  bytes = 0;
  /** The page in which each begins, `undefined` if there is none. */
  readonly pages: (Page | undefined)[] = [];
  /** The view of each piece that was moved through one; short pieces need none. */
  readonly views: (Uint8Array | undefined)[] = [];
  /** By piece: the frame number + 1 of its last page if it is contiguous system RAM, else 0. */
  frames: Int32Array;
  /** The lowest and the highest frame, without the zeros. */
  lowest: number = 2 ** 31 - 1;
  highest = 0;
  /** The number of frames that are 0. */
  #bare = 0;
  /** Offset of each in the list. */
  starts: Float64Array;
  /** Offset of the first byte of each: in the page's chunk for system RAM in one run, else in the page. */
  bases: Int32Array;
  /**
   * By piece: the first piece of the run of host memory that the piece belongs to. Frames get consecutive host memory
   * when they are first touched. So a list that was filled in order has only a few runs, even if its frame numbers are
   * scattered.
   */
  heads: Int32Array;
  /** The index after the last piece of a run, by the run's first piece; 0 for other pieces. */
  ends: Int32Array;
  /** The view of each run that was moved, by its first piece. */
  readonly #runs: (Uint8Array | undefined)[] = [];
  #runCount = 0;
  /** The place where the next piece has to begin to continue the last run. */
  #nextChunk: Chunk | undefined = undefined;
  #nextBase = 0;
  /** Bytes of the first piece. */
  #firstBytes = 0;
  #wordRuns: readonly WordRun[] = [];
  #wordRunsFor = 0;
  /** The view of each piece of device storage that was used. */
  readonly storage: (Uint8Array | undefined)[] = [];
  /** The pieces that were not examined, because no copy needed them when they were added, and their number. */
  private unseen: Uint8Array;
  #unseenCount = 0;
  readonly #cuts: Cut[] = [];
  #peers: (Uint8Array | undefined)[] | undefined = undefined;
  #peer: Uint8Array | undefined = undefined;
  #peerShift = 0;
  /** The number of pieces at the start that had only allocated pages, and the count of frees at that time. */
  #allocatedCount = 0;
  #allocatedAt = 0;

  /** Allocates arrays for `capacity` pieces; they grow for more. */
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

  /** Offset in the list of the end of a piece. */
  endOf(index: number): number {
    return index + 1 < this.count ? (this.starts[index + 1] ?? 0) : this.bytes;
  }

  /** Bytes of a piece. */
  lengthOf(index: number): number {
    return this.endOf(index) - (this.starts[index] ?? 0);
  }

  /**
   * Adds entries from slot `first` on, as long as each lies in one touched page of system RAM and has no mark, up to
   * `mostBytes`. Each becomes one piece. Returns their number.
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

  /** Adds the piece of `lengthBytes` that begins in a page; if it is not needed yet, its page is not touched. */
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

  /** Adds a piece to the last run if it continues that, else to a new run; returns the run. */
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

  /** Whether there are pieces that were not examined. */
  get hasUnseen(): boolean {
    return this.#unseenCount > 0;
  }

  /** Examines the pieces of the bytes that are needed now. */
  lookAt(fromByte: number, endByte: number): void {
    if (this.#unseenCount === 0) return;
    const first = this.indexAt(fromByte);
    const end = this.indexAt(endByte - 1) + 1;
    const skipBytes = fromByte - (this.starts[first] ?? 0);
    this.look({ first, end, skipBytes, cutBytes: this.endOf(end - 1) - endByte });
  }

  /** The same, by pieces; a piece of many pages is examined as a whole. */
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

  /** Makes the views of pieces up to `end` that the word loop does not move. */
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

  /** The index after the last piece in the run of a piece; `end` at most. */
  runEnd(first: number, end: number): number {
    return Math.min(end, this.ends[this.heads[first] ?? 0] ?? 0);
  }

  /**
   * The bytes of pieces that lie in one run, from `skipBytes` of the first on and without `cutBytes` at the end of the
   * last; `undefined` if they are not system RAM in one run.
   */
  bytesOf(first: number, end: number, skipBytes: number, cutBytes: number): Uint8Array | undefined {
    const isCut = skipBytes + cutBytes > 0;
    if (!isCut && end === first + 1) return this.views[first] ?? this.viewOf(first);
    if ((this.frames[first] ?? 0) === 0) return undefined;
    const lengthBytes = this.endOf(end - 1) - cutBytes - (this.starts[first] ?? 0) - skipBytes;
    // Views of parts of runs are kept, too: there are only as many as there are ranges.
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

  /** The view of a piece of device storage without register handlers; `undefined` for other pieces. */
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

  /** Offset of a piece in its page. */
  pageOffsetOf(index: number): number {
    const base = this.#base(index);
    return (this.frames[index] ?? 0) === 0 ? base : base - (this.pages[index]?.chunkOffset ?? 0);
  }

  /** The piece that holds a byte of the list. */
  indexAt(byte: number): number {
    const { starts, count } = this;
    // Usually all pieces have the same length, so the first guess assumes that.
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

  /** The pieces as runs for the word loop, if the first piece of the list is short enough. */
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
