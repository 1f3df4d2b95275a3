/**
 * The present or last owner of a page: the data that `page_owner` keeps in Linux, and that KASAN prints under
 * "Allocated by" and "Freed by".
 */
import type { CallSite } from './call-site.ts';

/** An allocation or a release: the context that made it, and the call site. */
export interface PageAct {
  readonly by: string;
  /** The call site, if the machine records call sites. */
  readonly at: CallSite | undefined;
}

/** One life of a page, from allocation to release. */
export interface PageOwner {
  readonly isFree: boolean;
  /** Serial number. Allocations and mappings share one count, so that it shows which came first. */
  readonly since: number;
  /** Not kept on direct machines. */
  readonly allocated: PageAct | undefined;
  readonly freed: PageAct | undefined;
  /** Whether a free page should still hold the poison; false after a write that was reported. */
  readonly isPoisoned: boolean;
}

/** A life without recorded data. */
export const ALLOCATED: PageOwner = {
  isFree: false,
  since: 0,
  allocated: undefined,
  freed: undefined,
  isPoisoned: false,
};

/** The end of such a life. */
export const FREED: PageOwner = { ...ALLOCATED, isFree: true, isPoisoned: true };

/** `PAGE_POISON` of Linux: the value of every byte of a freed page. */
export const PAGE_POISON = 0xaa;
