/**
 * Allocates and frees runs of page numbers, in a time that does not depend on the number of runs.
 */

/** Allocates runs of pages, each followed by a guard page. */
export class PageRuns {
  /** The length of each free range by its first page, and its first page by the page after it. */
  readonly #free = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  /** The first pages of free ranges, by the binary logarithm of their length. */
  readonly #bins: Set<number>[] = [];
  /** The length of each allocated run with its guard page, by its first page. */
  readonly #live = new Map<number, number>();
  private pagesLeft: number;

  constructor(firstPage: number, pages: number) {
    this.pagesLeft = pages;
    this.#insert(firstPage, pages);
  }

  /** The number of free pages; guard pages count as taken. */
  get freePages(): number {
    return this.pagesLeft;
  }

  /** The length of the longest run that can be allocated now at a multiple of `align`, without its guard page. */
  largestRun(align: number = 1): number {
    let longest = 0;
    for (const [start, length] of this.#free)
      longest = Math.max(longest, start + length - 1 - alignUp(start, align));
    return longest;
  }

  /** Allocates `pages` pages at a multiple of `align` and returns the first; -1 if no range is long enough. */
  take(pages: number, align: number = 1): number {
    const need = pages + 1;
    // Any range of this length contains an aligned run, so the first is taken; shorter ones are tried in turn.
    const sure = need + align - 1;
    const bin = this.#bins.slice(binOf(sure) + 1).find((starts) => starts.size > 0);
    const [found] = bin ?? [];
    const range = found ?? this.#firstFit(need, align);
    if (range === undefined) return -1;
    const length = this.#free.get(range) ?? 0;
    const first = alignUp(range, align);
    this.#remove(range, length);
    this.#insert(range, first - range);
    this.#insert(first + need, range + length - first - need);
    this.#live.set(first, need);
    this.pagesLeft -= need;
    return first;
  }

  /** Frees the run that begins at a page; returns false if none does. */
  give(first: number): boolean {
    const length = this.#live.get(first);
    if (length === undefined) return false;
    this.#live.delete(first);
    this.pagesLeft += length;
    const before = this.#ends.get(first);
    const start = before ?? first;
    if (before !== undefined) this.#remove(before, first - before);
    const behind = this.#free.get(first + length) ?? 0;
    if (behind > 0) this.#remove(first + length, behind);
    this.#insert(start, first + length + behind - start);
    return true;
  }

  #firstFit(need: number, align: number): number | undefined {
    for (const starts of this.#bins.slice(binOf(need), binOf(need + align - 1) + 1)) {
      for (const start of starts)
        if (alignUp(start, align) + need <= start + (this.#free.get(start) ?? 0)) return start;
    }
    return undefined;
  }

  #insert(start: number, length: number): void {
    if (length === 0) return;
    this.#free.set(start, length);
    this.#ends.set(start + length, start);
    const bin = binOf(length);
    while (this.#bins.length <= bin) this.#bins.push(new Set());
    this.#bins[bin]?.add(start);
  }

  #remove(start: number, length: number): void {
    this.#free.delete(start);
    this.#ends.delete(start + length);
    this.#bins[binOf(length)]?.delete(start);
  }
}

function binOf(length: number): number {
  return Math.floor(Math.log2(length));
}

function alignUp(n: number, align: number): number {
  return Math.ceil(n / align) * align;
}
