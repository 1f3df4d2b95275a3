/**
 * Moving pieces of a list through one mapping mechanism, without a token per page.
 *
 * Where nobody can see a mapping between its map and its unmap, a copy helper needs no token: it needs the slot, the
 * counters and the errors, and those are exactly what they would be. Whatever is unusual (memory of another kind,
 * a full pool) is left to the path with tokens.
 */
import { setBytes } from '../base/bytes.ts';
import type { Gate } from './gate.ts';
import type { Segments } from './segments.ts';
import { moveInWords, wordsOf } from './word-transfer.ts';

/** No page-table entry is greater. */
export const GREATEST_ENTRY: number = 2 ** 31 - 1;

const LEAST_PIECES_IN_RUNS = 4;

/** Which bytes of a list. */
export interface PieceRange {
  readonly segments: Segments;
  /** The pieces: the first of them from `skipBytes` on, the last of them without `cutBytes` at its end. */
  readonly first: number;
  /** One past the last piece. */
  readonly end: number;
  readonly skipBytes: number;
  readonly cutBytes: number;
}

/** Which bytes of a list, and where they come from or go to. */
export interface TransferJob extends PieceRange {
  readonly buffer: Uint8Array;
  /** Where in the buffer the first of the bytes is. */
  readonly bufferOffset: number;
  readonly toBuffer: boolean;
}

/** Moves pieces, in order, until the first that it cannot; answers how many it moved. */
export type Transfer = (job: TransferJob) => number;

/** Offset in the list less offset in the buffer. */
export function shiftOf({ segments, first, skipBytes, bufferOffset }: TransferJob): number {
  return (segments.starts[first] ?? 0) + skipBytes - bufferOffset;
}

/** The bytes that a job moves of pieces that lie in one run of system RAM; nothing where they do not. */
export function bytesIn(
  { segments, first, end, skipBytes, cutBytes }: PieceRange,
  from: number,
  to: number,
): Uint8Array | undefined {
  return segments.bytesOf(from, to, from === first ? skipBytes : 0, to === end ? cutBytes : 0);
}

/** Whether the first piece of a job is system RAM in one run; where it is not, nobody runs on its account. */
export function startsPlain({ segments, first }: PieceRange, lastEntry: number): boolean {
  const entry = segments.entries[first] ?? 0;
  return entry > 0 && entry <= lastEntry;
}

/** Moves pieces through a gate, until the first that cannot; answers how many went. */
export function moveThrough(job: TransferJob, gate: Gate): number {
  const next = goesInRuns(job) ? moveRuns(job, gate) : movePieces(job, gate);
  gate.ptes[gate.slot] = 0;
  return next - job.first;
}

/**
 * Whether a job moves runs instead of pieces. Not where it moves bytes onto themselves a little further on: those move
 * piece by piece, as they would through mappings. Few pieces do, because asking that costs as much as moving two.
 */
export function goesInRuns({ segments, first, end, buffer }: TransferJob): boolean {
  if (end - first < LEAST_PIECES_IN_RUNS || !segments.isInRuns) return false;
  return segments.pages[first]?.zone.memory.holds(buffer) !== true;
}

function moveRuns(job: TransferJob, gate: Gate): number {
  const { segments, first, end, skipBytes, buffer, toBuffer } = job;
  const peers = toBuffer ? undefined : segments.peersIn(buffer, shiftOf(job));
  let at = job.bufferOffset;
  let next = first;
  while (next < end) {
    const stop = openRun(segments, gate, next, end);
    const bytes = stop > next ? bytesIn(job, next, stop) : undefined;
    if (bytes === undefined) break;
    // What is kept begins with a whole piece.
    const kept = next > first || skipBytes === 0 ? peers : undefined;
    if (toBuffer) setBytes(buffer, bytes, at);
    else setBytes(bytes, peerOf(kept, next, buffer, at, bytes.length), 0);
    at += bytes.length;
    next = stop;
  }
  return next;
}

/** A view of the buffer, kept by the piece with which it begins; what is kept may be as long as another range was. */
function peerOf(
  peers: (Uint8Array | undefined)[] | undefined,
  index: number,
  buffer: Uint8Array,
  at: number,
  lengthBytes: number,
): Uint8Array {
  const kept = peers?.[index];
  if (kept?.length === lengthBytes) return kept;
  const made = new Uint8Array(buffer.buffer, buffer.byteOffset + at, lengthBytes);
  if (peers !== undefined) peers[index] = made;
  return made;
}

/**
 * Sets the entry of each piece of a run in turn, up to the first that cannot go through; answers which that is, or
 * where the run ends. Nobody sees which entry was set while which bytes moved.
 */
export function openRun(segments: Segments, gate: Gate, first: number, end: number): number {
  const { ptes, slot, closedUpTo, openUpTo } = gate;
  const { entries } = segments;
  const runEnd = segments.runEnd(first, end);
  for (let i = first; i < runEnd; i += 1) {
    const entry = entries[i] ?? 0;
    if (entry > openUpTo) return i;
    if (entry > closedUpTo) ptes[slot] = entry;
  }
  return runEnd;
}

function movePieces(job: TransferJob, gate: Gate): number {
  const { first, end } = job;
  const shift = shiftOf(job);
  let next = first;
  if (job.skipBytes > 0 && moveEdge(job, gate, shift, first)) next += 1;
  if (job.skipBytes === 0 || next > first) {
    const wholeEnd = job.cutBytes > 0 ? end - 1 : end;
    if (next < wholeEnd) next = moveWhole(job, gate, shift, next, wholeEnd);
    if (next === wholeEnd && next < end && moveEdge(job, gate, shift, next)) next += 1;
  }
  return next;
}

function moveEdge(job: TransferJob, gate: Gate, shift: number, index: number): boolean {
  const { segments, buffer } = job;
  const view = bytesIn(job, index, index + 1);
  const entry = segments.entries[index] ?? 0;
  if (view === undefined || entry > gate.openUpTo) return false;
  const { ptes, slot } = gate;
  const at = index === job.first ? job.bufferOffset : (segments.starts[index] ?? 0) - shift;
  if (entry > gate.closedUpTo) ptes[slot] = entry;
  if (job.toBuffer) setBytes(buffer, view, at);
  else setBytes(view, new Uint8Array(buffer.buffer, buffer.byteOffset + at, view.length), 0);
  return true;
}

// The loops below do nothing after their last turn but answer where they stopped: what V8 compiles while it is
// in a long loop knows nothing of code behind the loop, and would be thrown away there each time.

function moveWhole(job: TransferJob, gate: Gate, shift: number, first: number, wantedEnd: number): number {
  const { segments, buffer, toBuffer } = job;
  const { views } = segments;
  const end = passableEnd(segments, gate, first, wantedEnd);
  const runs = segments.wordRuns;
  const words = runs === undefined ? undefined : wordsOf(job, shift, first);
  const peers = toBuffer ? undefined : segments.peersIn(buffer, shift);
  for (let next = first; next < end;) {
    if (views[next] !== undefined) {
      next = toBuffer ? moveOut(job, gate, shift, next, end) : moveIn(job, gate, shift, next, end, peers);
      continue;
    }
    const passed =
      runs === undefined || words === undefined
        ? next
        : moveInWords(job, gate, { first: next, end, runs, words }, shift);
    if (passed > next) {
      next = passed;
      continue;
    }
    if (segments.viewOf(next) === undefined) return next;
    // Words that lie askew in the buffer go by views too.
    const isAskew = (((segments.starts[next] ?? 0) - shift) & 7) !== 0;
    segments.makeViews(next, end, words === undefined || isAskew ? undefined : runs);
  }
  return end;
}

function passableEnd(segments: Segments, { openUpTo }: Gate, first: number, end: number): number {
  if (segments.highest <= openUpTo) return end;
  let i = first;
  while (i < end && (segments.entries[i] ?? 0) <= openUpTo) i += 1;
  return i;
}

function moveOut(job: TransferJob, gate: Gate, shift: number, first: number, end: number): number {
  const { segments, buffer } = job;
  const { views, entries, starts } = segments;
  const { ptes, slot, closedUpTo } = gate;
  const opens = segments.highest > closedUpTo;
  let at = ((starts[first] ?? 0) - shift) >>> 0;
  let i = first;
  for (; i < end; i += 1) {
    const view = views[i];
    if (view === undefined) break;
    const entry = opens ? (entries[i] ?? 0) : 0;
    if (entry > closedUpTo) ptes[slot] = entry;
    setBytes(buffer, view, at);
    at = (at + view.length) >>> 0;
  }
  return i;
}

function moveIn(
  job: TransferJob,
  gate: Gate,
  shift: number,
  first: number,
  end: number,
  peers: (Uint8Array | undefined)[] | undefined,
): number {
  const { segments, buffer } = job;
  const { views, entries, starts } = segments;
  const { ptes, slot, closedUpTo } = gate;
  const opens = segments.highest > closedUpTo;
  let at = ((starts[first] ?? 0) - shift) >>> 0;
  let i = first;
  for (; i < end; i += 1) {
    const view = views[i];
    if (view === undefined) break;
    const peer = peerOf(peers, i, buffer, at, view.length);
    const entry = opens ? (entries[i] ?? 0) : 0;
    if (entry > closedUpTo) ptes[slot] = entry;
    setBytes(view, peer, 0);
    at = (at + view.length) >>> 0;
  }
  return i;
}
