/**
 * What call sites of C have at hand: the size of a page, the pages of an entry, and functions that may sleep or not, as a
 * flag says.
 */
import { ConfigError } from '../base/invariant.ts';
import { configWhole } from '../base/whole.ts';
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { SgEntry } from '../scatterlist/list/sg-array.ts';

/** `PAGE_SIZE` of the machines on which jobs run. */
export const PAGE_SIZE = 4096;

/** The bytes from an offset to the end of its page. */
export function inPage(offset: number): number {
  configWhole('offset', offset, 0);
  return PAGE_SIZE - (offset % PAGE_SIZE);
}

/**
 * The page of a byte of an entry: `nth_page(sg_page(sg), (sg->offset + offset) >> PAGE_SHIFT)`.
 *
 * @linux none
 */
export function pageAt<K extends MemoryKind>({ page, offset: first }: SgEntry<K>, offset: number): Page {
  configWhole('offset', offset, 0);
  if (page === null) throw new ConfigError('pageAt was given an entry without a page');
  return page.zone.memory.nthPage(page, Math.floor((first + offset) / PAGE_SIZE));
}

/**
 * Runs a function that does not sleep when it is called like this, although its type says that it may. If it sleeps
 * after all, the machine reports that, as Linux would: `C` has no type for it.
 *
 * @linux none
 */
export function now<T>(work: Sleeping<T>): T {
  const step = work.next();
  if (step.done !== true) throw new ConfigError('now() was given work that sleeps');
  return step.value;
}
