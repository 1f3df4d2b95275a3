/**
 * `struct page *` and the pages of the machine.
 */
import type { Page } from '../../../machine/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { worldOf } from '../../runtime/world.ts';

/** The page of a `struct page *`. */
export function pageOf({ context }: Runner, pointer: number): Page {
  return worldOf(context.machine).pageAt(pointer);
}

/** The `struct page *` of a page; NULL for none. */
export function pointerOf({ context }: Runner, page: Page | null | undefined): number {
  return page === null || page === undefined ? 0 : worldOf(context.machine).pointerTo(page);
}
