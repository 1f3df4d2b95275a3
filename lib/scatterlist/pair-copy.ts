/**
 * The fast way along two lists: their pieces gathered into batches, each visited in one call of the backend's
 * `transferPairs`. Where the fast way ends the caller goes on piece by piece.
 *
 * Batches are kept while both lists stay as they were: walking two lists in step costs as much as moving a short
 * piece, telling that nothing changed does not.
 */
import type { PiecePairs } from '../kernel/pair-transfer.ts';
import type { Segments } from '../kernel/segments.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { isForeign, listSegments } from './list-segments.ts';
import type { KeptSegments } from './sg-array.ts';
import type { SgList } from './sg-list.ts';

const BATCH_PIECES = 512;
/** Pieces kept for two lists: 64 MiB of whole pages. What is further on is looked up each time. */
const KEPT_BATCHES = 32;

/** Two lists and the way along them. */
export interface PairWalk {
  readonly outer: SgList<MemoryKind>;
  readonly inner: SgList<MemoryKind>;
  readonly skipOuterBytes: number;
  readonly skipInnerBytes: number;
  readonly lengthBytes: number;
  /** Works on a pair; answers whether to go on. */
  readonly visit: PiecePairs['visit'];
}

/** How far it went, and whether that was all. */
export interface PairsDone {
  readonly doneBytes: number;
  readonly ended: boolean;
}

/** A place in the pieces of a list. */
class Place {
  private readonly segments: Segments;
  private piece: number;
  private at: number;

  constructor({ segments }: KeptSegments, skipBytes: number) {
    this.segments = segments;
    this.piece = segments.indexAt(skipBytes);
    this.at = skipBytes;
  }

  /** Bytes of the piece from here on. */
  get left(): number {
    return this.segments.endOf(this.piece) - this.at;
  }

  /** Page-table entry of the piece's last page; 0 where the piece is not for the fast way. */
  get entry(): number {
    return this.segments.entries[this.piece] ?? 0;
  }

  /** A view of the next bytes of the piece. */
  view(lengthBytes: number): Uint8Array | undefined {
    const whole = this.segments.viewOf(this.piece);
    if (whole?.length === lengthBytes) return whole;
    const offset = this.at - (this.segments.starts[this.piece] ?? 0);
    return whole?.subarray(offset, offset + lengthBytes);
  }

  advance(bytes: number): void {
    this.at += bytes;
    if (this.left === 0) this.piece += 1;
  }
}

/** Pieces of two lists. */
class Batch {
  bytes = 0;
  readonly outerPfns: number[] = [];
  readonly innerPfns: number[] = [];
  readonly outerViews: Uint8Array[] = [];
  readonly innerViews: Uint8Array[] = [];

  /** Takes pieces from both lists; false where one is not for the fast way. */
  load(outer: Place, inner: Place, mostBytes: number, lastEntry: number): boolean {
    while (this.outerPfns.length < BATCH_PIECES && this.bytes < mostBytes) {
      const part = Math.min(outer.left, inner.left, mostBytes - this.bytes);
      const outerView = outer.entry > lastEntry ? undefined : outer.view(part);
      const innerView = inner.entry > lastEntry ? undefined : inner.view(part);
      if (outerView === undefined || innerView === undefined) return false;
      this.outerPfns.push(outer.entry - 1);
      this.innerPfns.push(inner.entry - 1);
      this.outerViews.push(outerView);
      this.innerViews.push(innerView);
      this.bytes += part;
      outer.advance(part);
      inner.advance(part);
    }
    return true;
  }
}

/** The batches of two lists, for as long as neither changes. */
interface KeptPairs {
  readonly inner: KeptSegments;
  readonly skipOuterBytes: number;
  readonly skipInnerBytes: number;
  readonly mostBytes: number;
  readonly batches: Batch[];
}

const kept = new WeakMap<KeptSegments, KeptPairs>();

function batchesOf(
  outer: KeptSegments,
  inner: KeptSegments,
  { skipOuterBytes, skipInnerBytes }: PairWalk,
  mostBytes: number,
): Batch[] {
  const known = kept.get(outer);
  if (
    known?.inner === inner &&
    known.skipOuterBytes === skipOuterBytes &&
    known.skipInnerBytes === skipInnerBytes &&
    known.mostBytes === mostBytes
  )
    return known.batches;
  const batches: Batch[] = [];
  kept.set(outer, { inner, skipOuterBytes, skipInnerBytes, mostBytes, batches });
  return batches;
}

/** Visits pairs as far as the fast way goes. Both lists are mapped through one backend. */
export function visitPairs(walk: PairWalk, backend: MapBackend): PairsDone {
  const { contiguous } = backend.contract;
  const { skipOuterBytes, skipInnerBytes, lengthBytes } = walk;
  const outer = listSegments(walk.outer, contiguous);
  const inner = listSegments(walk.inner, contiguous);
  if (outer === undefined || inner === undefined) return { doneBytes: 0, ended: true };
  const mostBytes = Math.min(
    lengthBytes,
    outer.reach(skipOuterBytes + lengthBytes, skipOuterBytes) - skipOuterBytes,
    inner.reach(skipInnerBytes + lengthBytes, skipInnerBytes) - skipInnerBytes,
  );
  if (isForeign(outer, backend) || isForeign(inner, backend)) return { doneBytes: 0, ended: false };
  if (mostBytes < lengthBytes && !(outer.isWhole && inner.isWhole)) return { doneBytes: 0, ended: false };
  const { machine } = backend.context;
  // What is not allocated is for the walk to report.
  if (!machine.isUnwatched && mostBytes > 0) {
    const isAllocated = ({ segments }: KeptSegments, skipBytes: number): boolean =>
      segments.areAllocated(segments.indexAt(skipBytes + mostBytes - 1) + 1);
    if (!isAllocated(outer, skipOuterBytes) || !isAllocated(inner, skipInnerBytes))
      return { doneBytes: 0, ended: false };
  }
  if (mostBytes > 0) {
    outer.segments.lookAt(skipOuterBytes, skipOuterBytes + mostBytes);
    inner.segments.lookAt(skipInnerBytes, skipInnerBytes + mostBytes);
  }
  // A backend that maps many pages at once reaches permanent addresses only.
  const lastEntry = contiguous ? machine.hardware.memory.directEnd : Infinity;
  const batches = batchesOf(outer, inner, walk, mostBytes);
  let places: readonly [outer: Place, inner: Place] | undefined;
  let doneBytes = 0;
  for (let n = 0; doneBytes < mostBytes; n += 1) {
    const known = batches[n];
    const batch = known ?? new Batch();
    let plain = true;
    if (known === undefined) {
      places ??= [new Place(outer, skipOuterBytes + doneBytes), new Place(inner, skipInnerBytes + doneBytes)];
      plain = batch.load(...places, mostBytes - doneBytes, lastEntry);
      if (plain && n < KEPT_BATCHES) batches.push(batch);
    }
    const { outerPfns, innerPfns, outerViews, innerViews } = batch;
    const count = outerPfns.length;
    if (count > 0) {
      const pairs = { count, outerPfns, innerPfns, outerViews, innerViews, visit: walk.visit };
      const visited = backend.transferPairs?.(pairs) ?? -1;
      if (visited < 0) return { doneBytes, ended: false };
      if (visited < count) return { doneBytes, ended: true };
    }
    doneBytes += batch.bytes;
    if (!plain) return { doneBytes, ended: false };
  }
  return { doneBytes: Math.max(0, doneBytes), ended: true };
}
