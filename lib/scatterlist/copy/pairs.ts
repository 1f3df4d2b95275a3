/**
 * The fast path for two lists. It collects parts that lie in one piece on both sides into batches, the backend counts a
 * batch, and the work is done on all its bytes. When it ends, the caller goes on part by part.
 *
 * Batches are kept until one of the lists changes, because walking two lists together takes as long as moving a short
 * piece.
 *
 * Only for speed; `list-to-list.ts` defines the meaning, and the property test `test/scatterlist/copy/pairs.spec.ts`
 * compares the two.
 */
import type { PassablePieces, PieceRange } from '../../kernel/parts/piece-range.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import type { MapBackend } from '../../mapping/backend.ts';
import type { SgList } from '../list/sg-list.ts';
import { passOf } from './by-pieces.ts';
import { isForeign, piecesOf } from './list-pieces.ts';
import type { ListPieces } from './list-pieces.ts';
import type { Pieces } from './pieces.ts';

const BATCH_PARTS = 512;
/** The number of batches kept for two lists: 64 MiB of whole pages. Later parts are collected again each time. */
const KEPT_BATCHES = 32;

/** Works on bytes of both lists; returns the byte at which to stop, or -1 to go on. */
export type Visit = (first: Uint8Array, second: Uint8Array) => number;

/** Two lists, and the range and the work on them. */
export interface PairWalk {
  readonly outer: SgList<MemoryKind>;
  readonly inner: SgList<MemoryKind>;
  readonly skipOuterBytes: number;
  readonly skipInnerBytes: number;
  readonly lengthBytes: number;
  /** Whether a visit writes. One that only reads may be made before the backend has counted the batch. */
  readonly writes: boolean;
  readonly visit: Visit;
}

/** The number of bytes done, whether a visit stopped there, and whether the range is finished. */
export interface PairsDone {
  readonly doneBytes: number;
  readonly stopped: boolean;
  readonly ended: boolean;
}

/** A place in the pieces of a list. */
class Place {
  private readonly pieces: Pieces;
  private piece: number;
  private at: number;

  constructor({ pieces }: ListPieces, skipBytes: number) {
    this.pieces = pieces;
    this.piece = pieces.indexAt(skipBytes);
    this.at = skipBytes;
  }

  /** The rest of the piece, in bytes. */
  get left(): number {
    return this.pieces.endOf(this.piece) - this.at;
  }

  /** The frame of the piece, as `Pieces` has it. */
  get frame(): number {
    return this.pieces.frames[this.piece] ?? 0;
  }

  /** A view of the next bytes of the piece. */
  view(lengthBytes: number): Uint8Array | undefined {
    const whole = this.pieces.viewOf(this.piece);
    if (whole?.length === lengthBytes) return whole;
    const offset = this.at - (this.pieces.starts[this.piece] ?? 0);
    return whole?.subarray(offset, offset + lengthBytes);
  }

  advance(bytes: number): void {
    this.at += bytes;
    if (this.left === 0) this.piece += 1;
  }
}

/** Parts of the pieces of one list, all in system RAM. */
class Parts implements PassablePieces {
  readonly frames: number[] = [];
  readonly views: Uint8Array[] = [];
  lowest: number = 2 ** 31 - 1;
  highest = 0;
  readonly areAllRam = true;

  storageOf(): undefined {
    return undefined;
  }

  add(frame: number, view: Uint8Array): void {
    this.frames.push(frame);
    this.views.push(view);
    if (frame < this.lowest) this.lowest = frame;
    if (frame > this.highest) this.highest = frame;
  }

  upTo(end: number): PieceRange {
    return { pieces: this, first: 0, end, skipBytes: 0, cutBytes: 0 };
  }
}

/** Parts of two lists; the two parts of a pair have the same length. */
class Batch {
  bytes = 0;
  readonly outer = new Parts();
  readonly inner = new Parts();

  get count(): number {
    return this.outer.views.length;
  }

  /** Collects parts from both lists; false if one is not suitable for the fast path. */
  load(outer: Place, inner: Place, mostBytes: number): boolean {
    while (this.count < BATCH_PARTS && this.bytes < mostBytes) {
      const part = Math.min(outer.left, inner.left, mostBytes - this.bytes);
      const outerView = outer.view(part);
      const innerView = inner.view(part);
      if (outerView === undefined || innerView === undefined) return false;
      this.outer.add(outer.frame, outerView);
      this.inner.add(inner.frame, innerView);
      this.bytes += part;
      outer.advance(part);
      inner.advance(part);
    }
    return true;
  }

  /** Works on the parts of which the backend has counted both maps. */
  visit(backend: MapBackend, writes: boolean, visit: Visit): PairsDone {
    const { count } = this;
    if (writes) {
      const passed = this.#pass(backend, count);
      const { doneBytes } = this.#visitUpTo(passed, visit);
      return { doneBytes, stopped: false, ended: passed === count };
    }
    const seen = this.#visitUpTo(count, visit);
    const passed = this.#pass(backend, seen.visited);
    if (passed === seen.visited) return { doneBytes: seen.doneBytes, stopped: seen.stopped, ended: true };
    // The walk visits the others again.
    return { doneBytes: this.#bytesOf(passed), stopped: false, ended: false };
  }

  #pass(backend: MapBackend, parts: number): number {
    return parts === 0 ? 0 : passOf(backend, this.outer.upTo(parts), this.inner.upTo(parts));
  }

  #visitUpTo(
    end: number,
    visit: Visit,
  ): { readonly visited: number; readonly doneBytes: number; readonly stopped: boolean } {
    const [outer, inner] = [this.outer.views, this.inner.views];
    let doneBytes = 0;
    for (let i = 0; i < end; i += 1) {
      const [first, second] = [outer[i], inner[i]];
      if (first === undefined || second === undefined) break;
      const at = visit(first, second);
      if (at >= 0) return { visited: i + 1, doneBytes: doneBytes + at, stopped: true };
      doneBytes += first.length;
    }
    return { visited: end, doneBytes, stopped: false };
  }

  #bytesOf(parts: number): number {
    return this.outer.views.slice(0, parts).reduce((sum, { length }) => sum + length, 0);
  }
}

/** The batches of two lists, kept until one of the lists changes. */
class PairBatches {
  readonly batches: Batch[] = [];
  private readonly inner: ListPieces;
  private readonly skipOuterBytes: number;
  private readonly skipInnerBytes: number;
  private readonly mostBytes: number;

  constructor(inner: ListPieces, { skipOuterBytes, skipInnerBytes }: PairWalk, mostBytes: number) {
    this.inner = inner;
    this.skipOuterBytes = skipOuterBytes;
    this.skipInnerBytes = skipInnerBytes;
    this.mostBytes = mostBytes;
  }

  isFor(inner: ListPieces, { skipOuterBytes, skipInnerBytes }: PairWalk, mostBytes: number): boolean {
    return (
      this.inner === inner &&
      this.skipOuterBytes === skipOuterBytes &&
      this.skipInnerBytes === skipInnerBytes &&
      this.mostBytes === mostBytes
    );
  }
}

function batchesOf(outer: ListPieces, inner: ListPieces, walk: PairWalk, mostBytes: number): Batch[] {
  const { pairs } = outer;
  if (pairs instanceof PairBatches && pairs.isFor(inner, walk, mostBytes)) return pairs.batches;
  const made = new PairBatches(inner, walk, mostBytes);
  outer.pairs = made;
  return made.batches;
}

const LEFT_TO_WALK: PairsDone = { doneBytes: 0, stopped: false, ended: false };

/** Visits pairs as far as the fast path can. Both lists are mapped through one backend. */
export function visitPairs(walk: PairWalk, backend: MapBackend): PairsDone {
  const { contiguous } = backend.contract;
  const { skipOuterBytes, skipInnerBytes, lengthBytes } = walk;
  const outer = piecesOf(walk.outer, contiguous);
  const inner = piecesOf(walk.inner, contiguous);
  if (outer === undefined || inner === undefined) return { doneBytes: 0, stopped: false, ended: true };
  const mostBytes = Math.min(
    lengthBytes,
    outer.cutUpTo(skipOuterBytes + lengthBytes, skipOuterBytes) - skipOuterBytes,
    inner.cutUpTo(skipInnerBytes + lengthBytes, skipInnerBytes) - skipInnerBytes,
  );
  if (isForeign(outer, backend) || isForeign(inner, backend)) return LEFT_TO_WALK;
  if (mostBytes < lengthBytes && !(outer.isWhole && inner.isWhole)) return LEFT_TO_WALK;
  if (mostBytes <= 0) return { doneBytes: 0, stopped: false, ended: true };
  // The walk reports pages that are not allocated.
  const isAllocated = ({ pieces }: ListPieces, skipBytes: number): boolean =>
    pieces.areAllocated(pieces.indexAt(skipBytes + mostBytes - 1) + 1);
  if (!backend.context.machine.watch.isOff)
    if (!isAllocated(outer, skipOuterBytes) || !isAllocated(inner, skipInnerBytes)) return LEFT_TO_WALK;
  outer.pieces.lookAt(skipOuterBytes, skipOuterBytes + mostBytes);
  inner.pieces.lookAt(skipInnerBytes, skipInnerBytes + mostBytes);
  const batches = batchesOf(outer, inner, walk, mostBytes);
  let places: readonly [outer: Place, inner: Place] | undefined;
  let doneBytes = 0;
  for (let n = 0; doneBytes < mostBytes; n += 1) {
    const known = batches[n];
    const batch = known ?? new Batch();
    let plain = true;
    if (known === undefined) {
      places ??= [new Place(outer, skipOuterBytes + doneBytes), new Place(inner, skipInnerBytes + doneBytes)];
      plain = batch.load(...places, mostBytes - doneBytes);
      if (plain && n < KEPT_BATCHES) batches.push(batch);
    }
    const visited = batch.visit(backend, walk.writes, walk.visit);
    doneBytes += visited.doneBytes;
    if (visited.stopped) return { doneBytes, stopped: true, ended: true };
    if (!visited.ended || !plain) return { doneBytes, stopped: false, ended: false };
  }
  return { doneBytes, stopped: false, ended: true };
}
