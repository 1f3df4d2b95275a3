/**
 * Entry primitives of include/linux/scatterlist.h: setting, marking, chaining, walking.
 */
import type { MemoryKind, Page } from '../machine/memory.ts';
import { SG_CHAIN, SG_END, SgArray } from './sg-array.ts';
import type { SgEntry } from './sg-array.ts';

/**
 * An array of entries with the end marked on its last slot.
 *
 * @linux sg_init_table (7.2)
 * @context any
 * @differs allocates the array; zero entries are refused where Linux marks the slot before the array
 */
export function sgInitTable<K extends MemoryKind>(nents: number): SgArray<K> {
  if (!Number.isInteger(nents) || nents < 1)
    throw new RangeError(`sgInitTable of ${String(nents)} entries: at least one is needed`);
  const array = new SgArray<K>(nents);
  sgMarkEnd(array.entry(nents - 1));
  return array;
}

/**
 * Points an entry at bytes.
 *
 * @linux sg_set_page (7.2)
 * @context any
 */
export function sgSetPage<K extends MemoryKind>(
  sg: SgEntry<K>,
  page: Page<K>,
  lengthBytes: number,
  offset = 0,
): void {
  const { array, slot } = sg;
  sgAssignPage(sg, page);
  array.offsets[slot] = offset;
  array.lengths[slot] = lengthBytes;
}

/**
 * Sets the page of an entry and keeps its marks, offset and length.
 *
 * @linux sg_assign_page (7.2)
 * @context any
 */
export function sgAssignPage<K extends MemoryKind>(sg: SgEntry<K>, page: Page<K>): void {
  sg.array.pages[sg.slot] = page;
}

/**
 * Ends the list at an entry; a chain slot becomes an ordinary one.
 *
 * @linux sg_mark_end (7.2)
 * @context any
 */
export function sgMarkEnd(sg: SgEntry): void {
  const { marks } = sg.array;
  marks[sg.slot] = ((marks[sg.slot] ?? 0) | SG_END) & ~SG_CHAIN;
}

/**
 * Lets the list go on behind an entry.
 *
 * @linux sg_unmark_end (7.2)
 * @context any
 */
export function sgUnmarkEnd(sg: SgEntry): void {
  const { marks } = sg.array;
  marks[sg.slot] = (marks[sg.slot] ?? 0) & ~SG_END;
}

/**
 * Links the last slot of an array to another list; the slot holds no data any more.
 *
 * @linux sg_chain (7.2)
 * @context any
 */
export function sgChain<K extends MemoryKind>(array: SgArray<K>, slots: number, to: SgEntry<K>): void {
  const slot = slots - 1;
  array.offsets[slot] = 0;
  array.lengths[slot] = 0;
  array.pages[slot] = null;
  array.marks[slot] = SG_CHAIN;
  array.links.set(slot, to);
}

/**
 * The next entry of the list, following chains; nothing behind the last.
 *
 * @linux sg_next (7.2)
 * @context any
 * @differs stops at the end of an array that has no end mark; Linux runs on into foreign memory
 */
export function sgNext<K extends MemoryKind>(sg: SgEntry<K>): SgEntry<K> | null {
  if (sg.isLast || sg.slot + 1 >= sg.array.slots) return null;
  const next = sg.array.entry(sg.slot + 1);
  return next.isChain ? (sg.array.links.get(next.slot) ?? null) : next;
}

/**
 * Counts the entries from one on, to the end mark.
 *
 * @linux sg_nents (7.2)
 * @context any
 */
export function sgNents(sg: SgEntry | null): number {
  let nents = 0;
  for (let entry = sg; entry !== null; entry = sgNext(entry)) nents += 1;
  return nents;
}
