/**
 * Moves the bytes of pieces whose maps a backend has counted. This code uses memory only, no mapping and no context.
 *
 * Only for speed; `walk.ts` defines what a copy means, and the property test `test/scatterlist/copy/by-pieces.spec.ts`
 * compares the two.
 */
import { fillBytes, setBytes } from '../../base/bytes.ts';
import { ConfigError } from '../../base/invariant.ts';
import { storageIn } from '../../kernel/parts/piece-range.ts';
import type { PieceRange } from '../../kernel/parts/piece-range.ts';
import { moveInWords, wordsOf } from './move-words.ts';
import type { Pieces } from './pieces.ts';

/** The number of pieces from which looking for runs pays. */
const LEAST_PIECES_IN_RUNS = 4;

/** A range of bytes of a list. */
export interface PieceSpan extends PieceRange {
  readonly pieces: Pieces;
}

/** A buffer, the offset of a span's first byte in it, and the direction of the copy. */
export interface Peer {
  readonly buffer: Uint8Array;
  readonly at: number;
  readonly toBuffer: boolean;
}

/** Copies the bytes of a span to a buffer, or from it. The buffer must not overlap simulated memory. */
export function moveSpan(span: PieceSpan, peer: Peer): void {
  const { pieces, first, end } = span;
  if ((pieces.frames[first] ?? 0) === 0) moveStorage(span, peer);
  else if (end - first >= LEAST_PIECES_IN_RUNS && pieces.isInRuns) moveRuns(span, peer);
  else moveEach(span, peer);
}

/** Sets the bytes of a span to one value. */
export function fillSpan(span: PieceSpan, value: number): void {
  const { pieces, end } = span;
  for (let next = span.first; next < end;) {
    const inRam = (pieces.frames[next] ?? 0) > 0;
    const stop = inRam ? pieces.runEnd(next, end) : next + 1;
    fillBytes((inRam ? ramIn(span, next, stop) : storageIn(span, next)) ?? noBytes(next), value);
    next = stop;
  }
}

/** The bytes of a span that lie in one run of system RAM. */
function ramIn(
  { pieces, first, end, skipBytes, cutBytes }: PieceSpan,
  from: number,
  to: number,
): Uint8Array | undefined {
  return pieces.bytesOf(from, to, from === first ? skipBytes : 0, to === end ? cutBytes : 0);
}

function noBytes(piece: number): never {
  throw new ConfigError(
    `the backend passed piece ${String(piece)} of a list, which is neither system RAM in one run nor storage of a device`,
  );
}

/** Offset in the list minus offset in the buffer. */
export function shiftOf({ pieces, first, skipBytes }: PieceSpan, { at }: Peer): number {
  return (pieces.starts[first] ?? 0) + skipBytes - at;
}

function moveStorage(span: PieceSpan, { buffer, at, toBuffer }: Peer): void {
  let to = at;
  for (let i = span.first; i < span.end; i += 1) {
    const device = storageIn(span, i) ?? noBytes(i);
    if (toBuffer) setBytes(buffer, device, to);
    else setBytes(device, viewOf(buffer, to, device.length), 0);
    to += device.length;
  }
}

function viewOf(buffer: Uint8Array, at: number, lengthBytes: number): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + at, lengthBytes);
}

function moveRuns(span: PieceSpan, peer: Peer): void {
  const { pieces, first, end, skipBytes } = span;
  const { buffer, toBuffer } = peer;
  const peers = toBuffer ? undefined : pieces.peersIn(buffer, shiftOf(span, peer));
  let { at } = peer;
  for (let next = first; next < end;) {
    const stop = pieces.runEnd(next, end);
    const bytes = ramIn(span, next, stop) ?? noBytes(next);
    // A kept view begins with a whole piece.
    const kept = next > first || skipBytes === 0 ? peers : undefined;
    if (toBuffer) setBytes(buffer, bytes, at);
    else setBytes(bytes, peerOf(kept, next, buffer, at, bytes.length), 0);
    at += bytes.length;
    next = stop;
  }
}

/** A view of the buffer, kept by the piece with which it begins. The kept view may have the length of another range. */
function peerOf(
  peers: (Uint8Array | undefined)[] | undefined,
  index: number,
  buffer: Uint8Array,
  at: number,
  lengthBytes: number,
): Uint8Array {
  const kept = peers?.[index];
  if (kept?.length === lengthBytes) return kept;
  const made = viewOf(buffer, at, lengthBytes);
  if (peers !== undefined) peers[index] = made;
  return made;
}

function moveEach(span: PieceSpan, peer: Peer): void {
  const { first, end, skipBytes, cutBytes } = span;
  const shift = shiftOf(span, peer);
  let next = first;
  if (skipBytes > 0) moveEdge(span, peer, shift, next++);
  const wholeEnd = cutBytes > 0 ? end - 1 : end;
  if (next < wholeEnd) moveWhole(span, peer, shift, next, wholeEnd);
  if (cutBytes > 0 && Math.max(next, wholeEnd) < end) moveEdge(span, peer, shift, wholeEnd);
}

function moveEdge(span: PieceSpan, { buffer, at, toBuffer }: Peer, shift: number, index: number): void {
  const bytes = ramIn(span, index, index + 1) ?? noBytes(index);
  const to = index === span.first ? at : (span.pieces.starts[index] ?? 0) - shift;
  if (toBuffer) setBytes(buffer, bytes, to);
  else setBytes(bytes, viewOf(buffer, to, bytes.length), 0);
}

// After their last iteration the loops below only return where they stopped. V8 compiles a long loop while it runs,
// without the code after it, and would discard the compiled loop each time that code is reached.

function moveWhole(span: PieceSpan, peer: Peer, shift: number, first: number, end: number): void {
  const { pieces } = span;
  const { buffer, toBuffer } = peer;
  const { views } = pieces;
  const runs = pieces.wordRuns;
  const words = runs === undefined ? undefined : wordsOf(buffer, shift);
  const peers = toBuffer ? undefined : pieces.peersIn(buffer, shift);
  for (let next = first; next < end;) {
    if (views[next] !== undefined) {
      next = toBuffer
        ? moveOut(pieces, buffer, shift, next, end)
        : moveIn(pieces, buffer, shift, next, end, peers);
      continue;
    }
    const moved =
      runs === undefined || words === undefined
        ? next
        : moveInWords(pieces, { first: next, end, runs, words }, shift, toBuffer);
    if (moved > next) {
      next = moved;
      continue;
    }
    if (pieces.viewOf(next) === undefined) noBytes(next);
    // Pieces that are not aligned to words in the buffer are moved through views, too.
    const isAskew = (((pieces.starts[next] ?? 0) - shift) & 7) !== 0;
    pieces.makeViews(next, end, words === undefined || isAskew ? undefined : runs);
  }
}

function moveOut(pieces: Pieces, buffer: Uint8Array, shift: number, first: number, end: number): number {
  const { views, starts } = pieces;
  let at = ((starts[first] ?? 0) - shift) >>> 0;
  let i = first;
  for (; i < end; i += 1) {
    const view = views[i];
    if (view === undefined) break;
    setBytes(buffer, view, at);
    at = (at + view.length) >>> 0;
  }
  return i;
}

function moveIn(
  pieces: Pieces,
  buffer: Uint8Array,
  shift: number,
  first: number,
  end: number,
  peers: (Uint8Array | undefined)[] | undefined,
): number {
  const { views, starts } = pieces;
  let at = ((starts[first] ?? 0) - shift) >>> 0;
  let i = first;
  for (; i < end; i += 1) {
    const view = views[i];
    if (view === undefined) break;
    setBytes(view, peerOf(peers, i, buffer, at, view.length), 0);
    at = (at + view.length) >>> 0;
  }
  return i;
}
