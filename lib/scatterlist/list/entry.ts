/**
 * Entry primitives of include/linux/scatterlist.h: setting, marking, chaining, walking.
 */
import { hex } from '../../base/units.ts';
import { MOST_32, requireWhole } from '../../base/whole.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { checkEntry } from './check-entry.ts';
import type { Semantics } from './check-entry.ts';
import { SG_CHAIN, SG_END, SgArray } from './sg-array.ts';
import type { SgEntry } from './sg-array.ts';
import { checkWalkOptions, isStrict, report } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';

/**
 * An array of entries with the end marked on its last slot.
 *
 * @linux sg_init_table (7.2)
 * @context any
 * @differs allocates the array; refuses zero entries, for which Linux marks the slot before the array
 */
export function sgInitTable<K extends MemoryKind>(nents: number): SgArray<K> {
  requireWhole('entries of sgInitTable', nents, 1, MOST_32);
  const array = new SgArray<K>(nents);
  sgInitMarker(array, nents);
  return array;
}

/**
 * Marks the end on the last of the first `nents` slots.
 *
 * @linux sg_init_marker (7.2)
 * @context any
 */
export function sgInitMarker(array: SgArray, nents: number): void {
  requireWhole('nents', nents, 1, array.slots);
  const slot = nents - 1;
  array.mark(slot, ((array.marks[slot] ?? 0) | SG_END) & ~SG_CHAIN);
}

/**
 * Points an entry at bytes.
 *
 * @linux sg_set_page (7.2). 6.1 does not look at the page structs.
 * @context any
 * @differs a range that leaves the run of page structs in which it begins is always reported; Linux warns only
 * with CONFIG_DEBUG_VM
 */
export function sgSetPage<K extends MemoryKind>(
  sg: SgEntry<K>,
  page: Page<K>,
  lengthBytes: number,
  offset = 0,
): void {
  setSlot(sg.array, sg.slot, page, lengthBytes, offset);
}

/** `sgSetPage` without a pointer object, for loops over whole arrays. */
export function setSlot<K extends MemoryKind>(
  array: SgArray<K>,
  slot: number,
  page: Page<K>,
  lengthBytes: number,
  offset: number,
  semantics?: Semantics,
): void {
  const { memory } = page.zone;
  if (memory.pageStructs !== undefined) {
    checkEntry(page, lengthBytes, offset, semantics);
    memory.pageStructs.check(page.pfn, lengthBytes, offset);
  }
  array.set(slot, page, lengthBytes, offset, semantics);
}

/**
 * Sets the page of an entry and keeps its marks, offset and length.
 *
 * @linux sg_assign_page (7.2)
 * @context any
 */
export function sgAssignPage<K extends MemoryKind>(sg: SgEntry<K>, page: Page<K>): void {
  sg.array.set(sg.slot, page, sg.length, sg.offset);
}

/**
 * The page in which an entry begins; `undefined` before one is set, and for a chain slot.
 *
 * @linux sg_page (7.2)
 * @context any
 * @differs returns `undefined` for a chain slot; Linux without CONFIG_DEBUG_SG makes a page of the link
 */
export function sgPage<K extends MemoryKind>(sg: SgEntry<K>): Page<K> | null {
  return sg.isChain ? null : sg.page;
}

/**
 * The marks of an entry, `SG_CHAIN` and `SG_END`.
 *
 * @linux __sg_flags (7.2)
 * @context any
 */
export function __sgFlags(sg: SgEntry): number {
  return sg.array.marks[sg.slot] ?? 0;
}

/**
 * Whether a slot links to another array.
 *
 * @linux sg_is_chain (7.2)
 * @context any
 */
export function sgIsChain(sg: SgEntry): boolean {
  return sg.isChain;
}

/**
 * Whether the list ends at an entry.
 *
 * @linux sg_is_last (7.2)
 * @context any
 */
export function sgIsLast(sg: SgEntry): boolean {
  return sg.isLast;
}

/**
 * The entry to which a chain slot leads; `undefined` for an ordinary entry.
 *
 * @linux sg_chain_ptr (7.2)
 * @context any
 * @differs returns `undefined` for an ordinary entry; Linux returns its page as if it were a list
 */
export function sgChainPtr<K extends MemoryKind>(sg: SgEntry<K>): SgEntry<K> | null {
  return sg.isChain ? (sg.array.linkAt(sg.slot) ?? null) : null;
}

/**
 * Ends the list at an entry; a chain slot becomes an ordinary one.
 *
 * @linux sg_mark_end (7.2)
 * @context any
 */
export function sgMarkEnd(sg: SgEntry): void {
  sgInitMarker(sg.array, sg.slot + 1);
}

/**
 * Removes the end mark, so that the list continues after an entry.
 *
 * @linux sg_unmark_end (7.2)
 * @context any
 */
export function sgUnmarkEnd(sg: SgEntry): void {
  sg.array.mark(sg.slot, __sgFlags(sg) & ~SG_END);
}

/**
 * Links the last slot of an array to another list; the slot holds no data any more.
 *
 * @linux sg_chain (7.2)
 * @context any
 * @errors strict: a machine is told of a slot that has a page, and of a link that leads to a link, itself included;
 * without a machine they are RangeErrors
 * @differs strict: an end mark right before the link is taken off, or the link could never be reached. Linux, and
 * compatible mode, drop the page of the slot
 */
export function sgChain<K extends MemoryKind>(
  array: SgArray<K>,
  slots: number,
  to: SgEntry<K>,
  how: SgOptions = {},
): void {
  checkWalkOptions('sgChain', how);
  requireWhole('slots', slots, 1, array.slots);
  const slot = slots - 1;
  if (isStrict(how)) {
    const { page } = array.entry(slot);
    if (page !== null) {
      const what = `a link over entry ${String(slot)} of an array of ${String(array.slots)}, which has pfn ${hex(page.pfn)}`;
      refuseLink(how, 'sg-chain-over-entry', what);
    }
    if (to.isChain || (to.array === array && to.slot === slot)) {
      const what = `a link at slot ${String(slot)} that leads to the link at slot ${String(to.slot)} of ${to.array === array ? 'the same array' : 'another array'}`;
      refuseLink(how, 'sg-link-to-link', what);
    }
  }
  array.set(slot, null, 0, 0);
  array.mark(slot, SG_CHAIN);
  array.setLink(slot, to);
  if (slot > 0 && isStrict(how)) array.mark(slot - 1, (array.marks[slot - 1] ?? 0) & ~SG_END);
}

function refuseLink(how: SgOptions, rule: 'sg-chain-over-entry' | 'sg-link-to-link', what: string): void {
  if (how.machine === undefined) throw new RangeError(`sgChain: ${what}`);
  report(how, rule, what);
}

/**
 * The next entry of the list, following chains; `undefined` after the last.
 *
 * @linux sg_next (7.2)
 * @context any
 * @differs stops at the end of an array that has no end mark; Linux continues into the memory after it
 */
export function sgNext<K extends MemoryKind>(sg: SgEntry<K>): SgEntry<K> | null {
  if (sg.isLast || sg.slot + 1 >= sg.array.slots) return null;
  const next = sg.array.entry(sg.slot + 1);
  return next.isChain ? (sg.array.linkAt(next.slot) ?? null) : next;
}
