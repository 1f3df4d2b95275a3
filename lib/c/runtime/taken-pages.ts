/**
 * The pages that C code took from the allocator and did not give back.
 */
import type { CallSite } from '../../machine/call-site.ts';
import type { Page } from '../../machine/memory.ts';

/** Pages that one call took. */
export interface TakenPages {
  readonly first: Page;
  readonly count: number;
  readonly by: string;
  readonly at: CallSite | undefined;
}

/** All that are taken. */
export class PageRegister {
  readonly #byPfn = new Map<number, TakenPages>();

  /** What is taken, in the order in which it was. */
  get taken(): readonly TakenPages[] {
    return [...new Set(this.#byPfn.values())];
  }

  /** Notes pages that were taken. */
  take(taken: TakenPages): void {
    for (let i = 0; i < taken.count; i += 1) this.#byPfn.set(taken.first.pfn + i, taken);
  }

  /** Notes that a page was given back. */
  give({ pfn }: Page): void {
    this.#byPfn.delete(pfn);
  }
}
