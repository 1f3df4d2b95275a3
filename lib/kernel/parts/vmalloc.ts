/**
 * The vmalloc area: runs of virtual pages for contiguous maps.
 */

/** Hands out runs of pages of the area, each followed by a guard page. */
export class VmallocArea {
  readonly pages: number;
  /** Live runs by first page, in ascending order. */
  readonly #runs: { readonly first: number; readonly pages: number }[] = [];

  constructor(pages: number) {
    this.pages = pages;
  }

  /** Pages not taken, guard pages counted as taken. */
  get freePages(): number {
    return this.#runs.reduce((free, run) => free - run.pages - 1, this.pages);
  }

  /** Most pages that one run could get; a guard page goes with it. */
  get largestRunPages(): number {
    let first = 0;
    let longest = 0;
    for (const run of this.#runs) {
      longest = Math.max(longest, run.first - first);
      first = run.first + run.pages + 1;
    }
    return Math.max(longest, this.pages - first, 1) - 1;
  }

  /** What is free, for an error. */
  get room(): { readonly freePages: number; readonly largestRunPages: number } {
    return { freePages: this.freePages, largestRunPages: this.largestRunPages };
  }

  /** The first page of a free run of `pages`, or -1 where no run is long enough. */
  take(pages: number): number {
    let first = 0;
    let at = 0;
    for (const run of this.#runs) {
      if (run.first - first >= pages + 1) break;
      first = run.first + run.pages + 1;
      at += 1;
    }
    if (first + pages + 1 > this.pages) return -1;
    this.#runs.splice(at, 0, { first, pages });
    return first;
  }

  /** Gives a run back by its first page; returns its length, or 0 if none begins there. */
  give(first: number): number {
    const at = this.#runs.findIndex((run) => run.first === first);
    const [run] = at < 0 ? [] : this.#runs.splice(at, 1);
    return run?.pages ?? 0;
  }
}
