/**
 * Pieces of a list as a mechanism sees them when it accounts for their maps without making them.
 *
 * A backend's `pass` gets such a range. It counts what a map and a release of each piece would have counted, and moves
 * no byte: the copy helpers do that afterwards, in the same way for all backends.
 */

/** The pieces of a list, by number: each is what one mapping would cover. */
export interface PassablePieces {
  /** By piece: the frame number + 1 of its last page if its bytes are system RAM in one run of memory; else 0. */
  readonly frames: ArrayLike<number>;
  /** The least and the greatest of the frames that are not 0. */
  readonly lowest: number;
  readonly highest: number;
  /** Whether no frame is 0. */
  readonly areAllRam: boolean;
  /** The bytes of a piece of device memory without handlers; `undefined` for any other piece. */
  storageOf(index: number): Uint8Array | undefined;
}

/** Pieces that follow each other: from `skipBytes` of the first on, without `cutBytes` at the end of the last. */
export interface PieceRange {
  readonly pieces: PassablePieces;
  readonly first: number;
  /** One past the last piece. */
  readonly end: number;
  readonly skipBytes: number;
  readonly cutBytes: number;
}

/**
 * Accounts for pieces as if each had been mapped and released, in order, and returns for how many it did; 0 if it can
 * do so for none. With `inner`, a range of as many pieces, each of those is mapped while the piece of `range` is.
 */
export type Pass = (range: PieceRange, inner?: PieceRange) => number;

/** How many pieces at the start of a range are system RAM whose last frame is below `endPfn`. */
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

/** How many of the first `count` pieces have a last frame of `fromPfn` or above. */
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
