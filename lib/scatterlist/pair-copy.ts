/**
 * The fast way along two lists: pieces gathered into batches, each visited in one call of the backend's
 * `transferPairs`. Where the fast way ends the caller goes on piece by piece, with the same cursors.
 */
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { MapBackend } from '../mapping/backend.ts';
import type { SgArray } from './sg-array.ts';
import type { SgCursor } from './sg-cursor.ts';
import type { SgList } from './sg-list.ts';

const BATCH_PIECES = 512;
/** Batches kept for a list: 64 MiB of whole pages. What is further on is looked up each time. */
const KEPT_BATCHES = 32;

/** The pieces of a batch, and the views that earlier visits made, each beside what it was made for. */
class Batch {
  count = 0;
  readonly outerPfns: number[] = [];
  readonly innerPfns: number[] = [];
  readonly outerViews: Uint8Array[] = [];
  readonly innerViews: Uint8Array[] = [];
  readonly #outerOffsets: number[] = [];
  readonly #innerOffsets: number[] = [];
  readonly #outerPages: Page[] = [];
  readonly #innerPages: Page[] = [];

  /** Takes pieces from both lists until it is full or they end; false where a piece is not for the fast way. */
  load(outer: SgCursor, inner: SgCursor, mostBytes: number, endPfn: number): boolean {
    this.count = 0;
    for (let left = mostBytes; left > 0 && this.count < BATCH_PIECES && outer.load() && inner.load();) {
      const part = Math.min(outer.remaining, inner.remaining, left);
      if (!this.#add(outer, inner, part, endPfn)) return false;
      outer.consume(part);
      inner.consume(part);
      left -= part;
    }
    return true;
  }

  /** Adds a pair of pieces; false where one of them is not a run of system RAM below a frame. */
  #add(outer: SgCursor, inner: SgCursor, lengthBytes: number, endPfn: number): boolean {
    const i = this.count;
    const outerPage = outer.page;
    const innerPage = inner.page;
    if (outerPage.pfn >= endPfn || innerPage.pfn >= endPfn) return false;
    const isKept =
      this.#outerPages[i] === outerPage &&
      this.#innerPages[i] === innerPage &&
      this.#outerOffsets[i] === outer.offset &&
      this.#innerOffsets[i] === inner.offset &&
      this.innerViews[i]?.length === lengthBytes;
    if (!isKept) {
      const outerView = runOf(outerPage, outer.offset, lengthBytes, endPfn);
      const innerView = runOf(innerPage, inner.offset, lengthBytes, endPfn);
      if (outerView === undefined || innerView === undefined) return false;
      this.#outerPages[i] = outerPage;
      this.#innerPages[i] = innerPage;
      this.#outerOffsets[i] = outer.offset;
      this.#innerOffsets[i] = inner.offset;
      this.outerPfns[i] = outerPage.pfn;
      this.innerPfns[i] = innerPage.pfn;
      this.outerViews[i] = outerView;
      this.innerViews[i] = innerView;
    }
    this.count += 1;
    return true;
  }
}

function runOf(page: Page, pageOffset: number, lengthBytes: number, endPfn: number): Uint8Array | undefined {
  if (!page.zone.isSystemRam) return undefined;
  const { memory } = page.zone;
  const pages = (pageOffset + lengthBytes + memory.pageMask) >>> memory.pageShift;
  if (pages > 1 && (page.pfn + pages > endPfn || !memory.isOneRun(page, pages))) return undefined;
  return memory.touch(page).view(page.chunkOffset + pageOffset, lengthBytes);
}

/** Which two lists were last worked on together, and their batches. */
interface KeptPairs {
  readonly inner: SgArray;
  readonly batches: Batch[];
}

const kept = new WeakMap<SgArray, KeptPairs>();

function batchesOf(outer: SgArray, inner: SgArray): Batch[] {
  const known = kept.get(outer);
  if (known?.inner === inner) return known.batches;
  const made: KeptPairs = { inner, batches: [] };
  kept.set(outer, made);
  return made.batches;
}

/** Where two lists stand, and how far they are to be visited. */
export interface PairWalk {
  readonly outer: SgList<MemoryKind>;
  readonly inner: SgList<MemoryKind>;
  readonly outerAt: SgCursor;
  readonly innerAt: SgCursor;
  readonly lengthBytes: number;
  readonly visit: (outer: Uint8Array, inner: Uint8Array) => boolean;
}

/** What came of it: bytes visited, whether a visit said stop, and whether the cursors stand behind those bytes. */
export interface PairsDone {
  readonly doneBytes: number;
  readonly stopped: boolean;
  readonly inPlace: boolean;
}

/** Visits pairs as far as the fast way goes. Both lists are mapped through one backend. */
export function visitPairs(walk: PairWalk, backend: MapBackend): PairsDone {
  const { outerAt, innerAt, lengthBytes } = walk;
  const outerArray = walk.outer.sgl?.array;
  const innerArray = walk.inner.sgl?.array;
  let doneBytes = 0;
  let stopped = false;
  const end = (inPlace: boolean): PairsDone => ({ doneBytes, stopped, inPlace });
  if (outerArray === undefined || innerArray === undefined) return end(true);
  const visit = (outer: Uint8Array, inner: Uint8Array): boolean => {
    doneBytes += outer.length;
    stopped = !walk.visit(outer, inner);
    return !stopped;
  };
  // A backend that maps many pages at once reaches permanent addresses only.
  const endPfn = backend.contract.contiguous ? backend.context.machine.hardware.memory.directEnd : Infinity;
  const batches = batchesOf(outerArray, innerArray);
  for (let n = 0; ; n = Math.min(n + 1, KEPT_BATCHES)) {
    const batch = (batches[n] ??= new Batch());
    const plain = batch.load(outerAt, innerAt, lengthBytes - doneBytes, endPfn);
    if (batch.count === 0) return end(true);
    const { count, outerPfns, innerPfns, outerViews, innerViews } = batch;
    const visited = backend.transferPairs?.({ count, outerPfns, innerPfns, outerViews, innerViews, visit });
    if (visited === undefined || visited < 0) return end(false);
    if (stopped || !plain) return end(true);
  }
}
