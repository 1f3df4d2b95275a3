/**
 * The free frames of one zone. Freed frames are sorted when the next ones are taken, so that freeing many one by one
 * costs as much as sorting them once.
 */

/** A range of consecutive frames. */
interface FreeRange {
  first: number;
  count: number;
}

/** If fewer frames than a sixteenth of the ranges were freed, each is inserted by itself; else all are merged. */
const FEW = 16;

/** Free frames, lowest first. */
export class FreeFrames {
  /** Disjoint ranges in ascending order; no two are adjacent. */
  private ranges: FreeRange[];
  /** The frames freed since the ranges were sorted. */
  #given: number[] = [];
  private left: number;

  constructor(first: number, count: number) {
    this.ranges = count > 0 ? [{ first, count }] : [];
    this.left = count;
  }

  /** The number of free frames. */
  get count(): number {
    return this.left;
  }

  /** The length of the longest run. */
  get longestRun(): number {
    this.#putBack();
    return this.ranges.reduce((longest, { count }) => Math.max(longest, count), 0);
  }

  /** Takes the first `count` consecutive frames; `undefined` if there is no such run. */
  takeRun(count: number): readonly number[] | undefined {
    if (count === 0) return [];
    this.#putBack();
    const at = this.ranges.findIndex((range) => range.count >= count);
    const range = this.ranges[at];
    if (range === undefined) return undefined;
    const { first } = range;
    range.first += count;
    range.count -= count;
    if (range.count === 0) this.ranges.splice(at, 1);
    this.left -= count;
    return Array.from({ length: count }, (_, i) => first + i);
  }

  /** Frees frames. */
  give(frames: readonly number[]): void {
    for (const frame of frames) this.#given.push(frame);
    this.left += frames.length;
  }

  #putBack(): void {
    const given = this.#given;
    if (given.length === 0) return;
    this.#given = [];
    if (given.length * FEW < this.ranges.length) for (const frame of given) this.#insert(frame);
    else this.#merge(given.sort((a, b) => a - b));
  }

  #insert(frame: number): void {
    const ranges = this.ranges;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranges[middle]?.first ?? Infinity) < frame) low = middle + 1;
      else high = middle;
    }
    const before = ranges[low - 1];
    const after = ranges[low];
    const joinsBefore = before !== undefined && before.first + before.count === frame;
    const joinsAfter = after?.first === frame + 1;
    if (joinsBefore) {
      before.count += 1 + (joinsAfter ? after.count : 0);
      if (joinsAfter) ranges.splice(low, 1);
    } else if (joinsAfter) {
      after.first -= 1;
      after.count += 1;
    } else ranges.splice(low, 0, { first: frame, count: 1 });
  }

  #merge(frames: readonly number[]): void {
    const merged: FreeRange[] = [];
    const add = (range: FreeRange): void => {
      const last = merged.at(-1);
      if (last !== undefined && last.first + last.count === range.first) last.count += range.count;
      else merged.push(range);
    };
    let next = 0;
    for (const range of this.ranges) {
      for (; (frames[next] ?? Infinity) < range.first; next += 1) add({ first: frames[next] ?? 0, count: 1 });
      add(range);
    }
    for (; next < frames.length; next += 1) add({ first: frames[next] ?? 0, count: 1 });
    this.ranges = merged;
  }
}
