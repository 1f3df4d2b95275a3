/**
 * The fast way along two lists: their pieces gathered into batches, each visited in one call of the backend's
 * `transferPairs`. Where the fast way ends the caller goes on piece by piece.
 *
 * The pieces of two lists are kept beside what the lists were then: walking two lists in step costs as much as
 * moving a short piece, telling that nothing changed does not.
 */
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { PiecePairs } from '../kernel/pair-transfer.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { SG_CHAIN } from './sg-array.ts';
import type { SgArray, SgEntry } from './sg-array.ts';
import type { SgCursor } from './sg-cursor.ts';
import type { SgList } from './sg-list.ts';

const BATCH_PIECES = 512;
/** Pieces kept for two lists: 64 MiB of whole pages. What is further on is looked up each time. */
const KEPT_BATCHES = 32;

/** Where two lists stand. */
export interface PairCursors {
  readonly outer: SgCursor;
  readonly inner: SgCursor;
}

/** Two lists and the way along them. */
export interface PairWalk {
  readonly outer: SgList<MemoryKind>;
  readonly inner: SgList<MemoryKind>;
  readonly skipOuterBytes: number;
  readonly skipInnerBytes: number;
  readonly lengthBytes: number;
  /** Works on a pair; answers whether to go on. */
  readonly visit: PiecePairs['visit'];
  /** Cursors so many bytes behind the start; nothing where a list ends before. */
  readonly seek: (doneBytes: number) => PairCursors | undefined;
}

/** How far it went, whether that was all, and the cursors there if it had any. */
export interface PairsDone {
  readonly doneBytes: number;
  readonly ended: boolean;
  readonly at: PairCursors | undefined;
}

/** Pieces of two lists. */
class Batch {
  bytes = 0;
  /** Whether the lists, or the bytes to visit, end with this batch. */
  last = false;
  readonly outerPfns: number[] = [];
  readonly innerPfns: number[] = [];
  readonly outerViews: Uint8Array[] = [];
  readonly innerViews: Uint8Array[] = [];

  /** Takes pieces below a frame from both lists; false where one is not for the fast way. */
  load({ outer, inner }: PairCursors, mostBytes: number, endPfn: number): boolean {
    while (this.outerPfns.length < BATCH_PIECES) {
      const left = mostBytes - this.bytes;
      this.last = left <= 0 || !outer.load() || !inner.load();
      if (this.last) return true;
      const part = Math.min(outer.remaining, inner.remaining, left);
      const outerView = runOf(outer, part, endPfn);
      const innerView = outerView === undefined ? undefined : runOf(inner, part, endPfn);
      if (outerView === undefined || innerView === undefined) return false;
      this.outerPfns.push(outer.page.pfn);
      this.innerPfns.push(inner.page.pfn);
      this.outerViews.push(outerView);
      this.innerViews.push(innerView);
      this.bytes += part;
      outer.consume(part);
      inner.consume(part);
    }
    return true;
  }
}

/** The bytes of a piece of system RAM that lie in one run; nothing where they do not. */
function runOf({ page, offset }: SgCursor, lengthBytes: number, endPfn: number): Uint8Array | undefined {
  if (!page.zone.isSystemRam) return undefined;
  const { memory } = page.zone;
  const pages = (offset + lengthBytes + memory.pageMask) >>> memory.pageShift;
  if (page.pfn + pages > endPfn || (pages > 1 && !memory.isOneRun(page, pages))) return undefined;
  return memory.touch(page).view(page.chunkOffset + offset, lengthBytes);
}

/** One array of a list as it was. */
class ArrayCopy {
  readonly #array: SgArray;
  readonly #link: SgEntry | undefined;
  readonly #pages: readonly (Page | null)[];
  readonly #offsets: Uint32Array;
  readonly #lengths: Uint32Array;
  readonly #marks: Uint8Array;

  constructor(array: SgArray, firstSlot: number) {
    const { marks } = array;
    let end = firstSlot;
    while (end < array.slots && marks[end] === 0) end += 1;
    this.#array = array;
    this.#link = array.linkAt(end);
    this.#pages = array.pages.slice(0, end + 1);
    this.#offsets = array.offsets.slice(0, end + 1);
    this.#lengths = array.lengths.slice(0, end + 1);
    this.#marks = marks.slice(0, end + 1);
  }

  /** Where the list goes on. */
  get next(): SgEntry | undefined {
    return ((this.#marks.at(-1) ?? 0) & SG_CHAIN) === 0 ? undefined : this.#link;
  }

  /** Whether the array is what it was. */
  holds(): boolean {
    const { pages, offsets, lengths, marks } = this.#array;
    const wasPages = this.#pages;
    const wasOffsets = this.#offsets;
    const wasLengths = this.#lengths;
    const wasMarks = this.#marks;
    const slots = wasPages.length;
    for (let i = 0; i < slots; i += 1) {
      if (
        pages[i] !== wasPages[i] ||
        offsets[i] !== wasOffsets[i] ||
        lengths[i] !== wasLengths[i] ||
        marks[i] !== wasMarks[i]
      )
        return false;
    }
    return this.next === undefined || this.#array.linkAt(slots - 1) === this.#link;
  }
}

function copyOf(list: SgList<MemoryKind>): readonly ArrayCopy[] {
  const copies: ArrayCopy[] = [];
  for (let sg: SgEntry | null | undefined = list.sgl; sg && copies.length < list.origNents;) {
    const copy: ArrayCopy = new ArrayCopy(sg.array, sg.slot);
    copies.push(copy);
    sg = copy.next;
  }
  return copies;
}

/** The pieces of two lists, kept from the second time on that the same bytes are visited. */
class KeptPairs {
  /** Pieces of the last visit: lists much longer than what is visited are not worth comparing. */
  pieces = 0;
  readonly #key: readonly unknown[];
  #copies: readonly ArrayCopy[] | undefined = undefined;
  #batches: Batch[] = [];

  constructor(key: readonly unknown[]) {
    this.#key = key;
  }

  isFor(key: readonly unknown[]): boolean {
    return this.#key.every((part, i) => part === key[i]);
  }

  /** The batches that are still right; a new row of them where a list has changed. */
  batchesOf({ outer, inner }: PairWalk): Batch[] {
    if (outer.origNents + inner.origNents > 4 * this.pieces) return [];
    if (this.#copies?.every((copy) => copy.holds()) !== true) {
      this.#copies = [...copyOf(outer), ...copyOf(inner)];
      this.#batches = [];
    }
    return this.#batches;
  }
}

const kept = new WeakMap<SgArray, KeptPairs>();

/** Visits pairs as far as the fast way goes. Both lists are mapped through one backend. */
export function visitPairs(walk: PairWalk, backend: MapBackend): PairsDone {
  const array = walk.outer.sgl?.array;
  if (array === undefined) return { doneBytes: 0, ended: true, at: undefined };
  // A backend that maps many pages at once reaches permanent addresses only.
  const endPfn = backend.contract.contiguous ? backend.context.machine.hardware.memory.directEnd : Infinity;
  const { outer, inner, skipOuterBytes, skipInnerBytes, lengthBytes } = walk;
  const key = [outer.sgl, inner.sgl, outer.origNents, inner.origNents, skipOuterBytes, skipInnerBytes];
  key.push(lengthBytes, endPfn);
  const known = kept.get(array);
  const record = known?.isFor(key) === true ? known : new KeptPairs(key);
  kept.set(array, record);
  const batches = record.batchesOf(walk);
  record.pieces = 0;
  let doneBytes = 0;
  let at: PairCursors | undefined;
  for (let n = 0; ; n += 1) {
    let batch = batches[n];
    let plain = true;
    if (batch === undefined) {
      at ??= walk.seek(doneBytes);
      if (at === undefined) return { doneBytes, ended: true, at };
      batch = new Batch();
      plain = batch.load(at, lengthBytes - doneBytes, endPfn);
      if (plain && n < KEPT_BATCHES) batches.push(batch);
    }
    const { outerPfns, innerPfns, outerViews, innerViews, last } = batch;
    const count = outerPfns.length;
    record.pieces += count;
    if (count > 0) {
      const pairs = { count, outerPfns, innerPfns, outerViews, innerViews, visit: walk.visit };
      const visited = backend.transferPairs?.(pairs) ?? -1;
      if (visited < 0) return { doneBytes, ended: false, at: undefined };
      if (visited < count) return { doneBytes, ended: true, at };
    }
    doneBytes += batch.bytes;
    if (last || !plain) return { doneBytes, ended: plain, at };
  }
}
