/**
 * Moves short pieces in words. Up to the length of a cache line, a loop over words takes less time than a call of
 * `set`, if both sides are aligned to words.
 *
 * Most of the time for such a piece goes into reading its description. So the description is one number, an offset into
 * the words of its buffer, and all pieces in one buffer are moved by one loop.
 *
 * Only for speed; `walk.ts` defines what a copy means, and the property test `test/scatterlist/copy/by-pieces.spec.ts`
 * compares the two.
 */
import type { Pieces, WordRun } from './pieces.ts';

/** The pieces to move, and both sides as words. */
interface WordPieces {
  readonly first: number;
  readonly end: number;
  readonly runs: readonly WordRun[];
  readonly words: BigUint64Array;
}

/** A buffer as words, if its bytes and those of the list can both be aligned to words. */
export function wordsOf(buffer: Uint8Array, shift: number): BigUint64Array | undefined {
  if (((buffer.byteOffset | shift) & 7) !== 0 || buffer.length > 2 ** 31) return undefined;
  return new BigUint64Array(buffer.buffer, buffer.byteOffset, buffer.length >>> 3);
}

/** Moves pieces up to the first that is not suitable for the word loop; returns where it stopped. */
export function moveInWords(
  pieces: Pieces,
  { first, end, runs, words }: WordPieces,
  shift: number,
  toBuffer: boolean,
): number {
  const { bases } = pieces;
  const start = (pieces.starts[first] ?? 0) - shift;
  if ((start & 7) !== 0) return first;
  let at = start >>> 3;
  let next = first;
  for (let r = runAt(runs, next); next < end; r += 1) {
    const run = runs[r];
    if (run?.words === undefined) break;
    const stop = run.end < end ? run.end : end;
    if (run.isLines && toBuffer) {
      const moved = moveLines(bases, next, stop, run.words, words, at);
      at += (moved - next) * (LINE_BYTES >>> 3);
      next = moved;
    }
    if (next < stop) at = moveWords(pieces, toBuffer, run.words, next, stop, words, at);
    next = stop;
  }
  return next;
}

/** The run that a piece belongs to. */
function runAt(runs: readonly WordRun[], index: number): number {
  let low = 0;
  let high = runs.length;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle - 1]?.end ?? 0) <= index) low = middle;
    else high = middle;
  }
  return low;
}

const LINE_BYTES = 64;

/* eslint-disable @typescript-eslint/no-non-null-assertion -- a default would make each word a heap object */
// Moves cache lines out of a list, four at a time; returns where it stopped. An iteration costs as much as moving a
// word, so the words are written out and each iteration moves four lines. All values come as arguments, because the
// loop needs all registers.
function moveLines(
  bases: Int32Array,
  first: number,
  end: number,
  from: BigUint64Array,
  to: BigUint64Array,
  start: number,
): number {
  let at = start << 3;
  let i = first;
  for (const lastFour = end - 4; i <= lastFour; i += 4) {
    moveLine(from, bases[i]! >>> 3, to, at >>> 3);
    moveLine(from, bases[i + 1]! >>> 3, to, (at + LINE_BYTES) >>> 3);
    moveLine(from, bases[i + 2]! >>> 3, to, (at + 2 * LINE_BYTES) >>> 3);
    moveLine(from, bases[i + 3]! >>> 3, to, (at + 3 * LINE_BYTES) >>> 3);
    at += 4 * LINE_BYTES;
  }
  return i;
}

function moveLine(from: BigUint64Array, base: number, to: BigUint64Array, at: number): void {
  to[at] = from[base]!;
  to[at + 1] = from[base + 1]!;
  to[at + 2] = from[base + 2]!;
  to[at + 3] = from[base + 3]!;
  to[at + 4] = from[base + 4]!;
  to[at + 5] = from[base + 5]!;
  to[at + 6] = from[base + 6]!;
  to[at + 7] = from[base + 7]!;
}

function copyWords(
  to: BigUint64Array,
  toAt: number,
  from: BigUint64Array,
  fromAt: number,
  words: number,
): void {
  for (let i = 0; i < words; i += 1) to[toAt + i] = from[fromAt + i]!;
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

function moveWords(
  pieces: Pieces,
  toBuffer: boolean,
  inList: BigUint64Array,
  first: number,
  end: number,
  words: BigUint64Array,
  start: number,
): number {
  const { bases } = pieces;
  let at = start;
  for (let i = first; i < end; i += 1) {
    const base = (bases[i] ?? 0) >>> 3;
    const count = pieces.lengthOf(i) >>> 3;
    if (toBuffer) copyWords(words, at, inList, base, count);
    else copyWords(inList, base, words, at, count);
    at += count;
  }
  return at;
}
