/** Pages that are used again: freed pages are kept, as a slab keeps them, and all are given back at the end. */
import type { Machine, MemoryKind, Page } from 'scatterlist';

/** Takes pages of one kind of memory from a machine, up to a limit. */
export class PagePool {
  readonly #machine: Machine;
  readonly #zone: MemoryKind;
  readonly #limit: number;
  readonly #spare: Page[] = [];
  #owned = 0;

  /** For device memory, `stock` has the pages of the region, because a machine does not allocate those. */
  constructor(machine: Machine, zone: MemoryKind, limit: number, stock: readonly Page[] = []) {
    this.#machine = machine;
    this.#zone = zone;
    this.#limit = limit;
    this.#spare.push(...[...stock].reverse());
    this.#owned = stock.length;
  }

  /** The number of pages that are in use. */
  get taken(): number {
    return this.#owned - this.#spare.length;
  }

  /** Whether so many pages are available. */
  has(pages: number): boolean {
    return this.taken + pages <= this.#limit;
  }

  /** Returns a page and whether it may have contents other than zeros; undefined at the limit. */
  take(): { readonly page: Page; readonly used: boolean } | undefined {
    if (this.taken >= this.#limit) return undefined;
    const spare = this.#spare.pop();
    if (spare !== undefined) return { page: spare, used: true };
    const fresh = this.#machine.tryAllocPage(this.#zone);
    if (!fresh.ok) return undefined;
    this.#owned += 1;
    return { page: fresh.value, used: false };
  }

  /** Takes a page back. */
  give(page: Page): void {
    this.#spare.push(page);
  }

  /** Gives every spare page back to the machine; returns how many are missing. */
  drain(): number {
    const missing = this.taken;
    if (this.#zone !== 'iomem') {
      this.#spare.sort((a, b) => a.pfn - b.pfn);
      for (const page of this.#spare) this.#machine.freePage(page);
    }
    this.#spare.length = 0;
    this.#owned = missing;
    return missing;
  }
}
