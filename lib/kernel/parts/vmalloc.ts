/**
 * The vmalloc area: runs of virtual pages for contiguous maps.
 */

/** Allocates runs of pages of the area, each followed by a guard page. */
export class VmallocArea {
  readonly pages: number;
  /** The allocated runs, sorted by first page. */
  readonly #runs: { readonly first: number; readonly pages: number }[] = [];

  constructor(pages: number) {
    this.pages = pages;
  }

  /** The number of free pages; guard pages count as taken. */
  get freePages(): number {
    return this.#runs.reduce((free, run) => free - run.pages - 1, this.pages);
  }

  /** The length of the longest run that can be allocated now, without its guard page. */
  get largestRunPages(): number {
    let first = 0;
    let longest = 0;
    for (const run of this.#runs) {
      longest = Math.max(longest, run.first - first);
      first = run.first + run.pages + 1;
    }
    return Math.max(longest, this.pages - first, 1) - 1;
  }

  /** Describes the free space for an error. */
  get room(): { readonly freePages: number; readonly largestRunPages: number } {
    return { freePages: this.freePages, largestRunPages: this.largestRunPages };
  }

  /** Allocates `pages` pages and returns the first; -1 if no free run is long enough. */
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

  /** Frees the run that begins at a page; returns its length, or 0 if none begins there. */
  give(first: number): number {
    const at = this.#runs.findIndex((run) => run.first === first);
    const [run] = at < 0 ? [] : this.#runs.splice(at, 1);
    return run?.pages ?? 0;
  }
}
