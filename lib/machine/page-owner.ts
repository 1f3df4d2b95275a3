/**
 * Who has a page, or had it last: what `page_owner` of Linux keeps, and what KASAN prints under "Allocated by" and
 * "Freed by".
 */
import type { CallSite } from './call-site.ts';

/** An allocation or a release: who did it, and where. */
export interface PageAct {
  readonly by: string;
  /** The line of the caller, where the machine keeps lines. */
  readonly at: CallSite | undefined;
}

/** One life of a page. */
export interface PageOwner {
  readonly isFree: boolean;
  /** Counts allocations and mappings together, so that one tells which of two came first. */
  readonly since: number;
  /** Not kept on direct machines. */
  readonly allocated: PageAct | undefined;
  readonly freed: PageAct | undefined;
  /** Whether a free page should still hold the poison; no longer after a write that was reported. */
  readonly isPoisoned: boolean;
}

/** A life of which nothing more is kept. */
export const ALLOCATED: PageOwner = {
  isFree: false,
  since: 0,
  allocated: undefined,
  freed: undefined,
  isPoisoned: false,
};

/** The end of such a life. */
export const FREED: PageOwner = { ...ALLOCATED, isFree: true, isPoisoned: true };

/** `PAGE_POISON` of Linux: what a freed page reads as. */
export const PAGE_POISON = 0xaa;
