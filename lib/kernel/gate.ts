/**
 * A gate: the page-table entry through which a transfer moves pieces one after the other.
 */
import type { Segments } from './segments.ts';

/**
 * A page-table entry that each piece goes through: set before its bytes move, and cleared by the next one's or, behind
 * the last, by itself.
 */
export interface Gate {
  readonly ptes: Int32Array;
  readonly slot: number;
  /** Entries up to here have a permanent address and leave the gate closed. */
  readonly closedUpTo: number;
  /** Entries above cannot go through. */
  readonly openUpTo: number;
}

/** How many of `moved` pieces from the first on a gate was opened for. */
export function openings(
  { segments, first }: { readonly segments: Segments; readonly first: number },
  moved: number,
  { closedUpTo }: Gate,
): number {
  if (segments.highest <= closedUpTo) return 0;
  if (segments.lowest > closedUpTo) return moved;
  let opened = 0;
  for (let i = first; i < first + moved; i += 1) opened += (segments.entries[i] ?? 0) > closedUpTo ? 1 : 0;
  return opened;
}
