/**
 * A range of the pieces of a list, for a mechanism that counts their maps without making them.
 *
 * A backend's `pass` gets such a range. It counts what mapping and releasing each piece would have counted, and copies
 * no bytes: the copy helpers copy them afterwards, in the same way for all backends.
 */

/** The pieces of a list, by index. One mapping would cover one piece. */
export interface PassablePieces {
  /** By piece: the frame number + 1 of its last page if it is contiguous system RAM, else 0. */
  readonly frames: ArrayLike<number>;
  /** The lowest and the highest frame, without the zeros. */
  readonly lowest: number;
  readonly highest: number;
  /** Whether no frame is 0. */
  readonly areAllRam: boolean;
  /** The bytes of a piece of device memory without handlers; `undefined` for any other piece. */
  storageOf(index: number): Uint8Array | undefined;
}

/** Consecutive pieces, without `skipBytes` at the start of the first and `cutBytes` at the end of the last. */
export interface PieceRange {
  readonly pieces: PassablePieces;
  readonly first: number;
  /** The index after the last piece. */
  readonly end: number;
  readonly skipBytes: number;
  readonly cutBytes: number;
}

/**
 * Counts pieces as if each had been mapped and released, in order, and returns the number of pieces counted, perhaps 0.
 * With `inner`, a range of as many pieces, each of these counts as mapped while the matching piece of `range` is.
 */
export type Pass = (range: PieceRange, inner?: PieceRange) => number;

/** The number of pieces at the start of a range that are system RAM with a last frame below `endPfn`. */
export function countRam({ pieces, first, end }: PieceRange, endPfn: number): number {
  if (pieces.areAllRam && pieces.highest <= endPfn) return end - first;
  const { frames } = pieces;
  let i = first;
  for (; i < end; i += 1) {
    const frame = frames[i] ?? 0;
    if (frame === 0 || frame > endPfn) break;
  }
  return i - first;
}

/** The number of the first `count` pieces that have a last frame of `fromPfn` or above. */
export function countFrom({ pieces, first }: PieceRange, count: number, fromPfn: number): number {
  if (pieces.highest <= fromPfn) return 0;
  if (pieces.lowest > fromPfn) return count;
  const { frames } = pieces;
  let found = 0;
  for (let i = first; i < first + count; i += 1) if ((frames[i] ?? 0) > fromPfn) found += 1;
  return found;
}

/** The bytes of one piece of device memory that a range covers. */
export function storageIn(range: PieceRange, index: number): Uint8Array | undefined {
  const from = index === range.first ? range.skipBytes : 0;
  const cut = index === range.end - 1 ? range.cutBytes : 0;
  const whole = range.pieces.storageOf(index);
  return from + cut === 0 ? whole : whole?.subarray(from, whole.length - cut);
}
