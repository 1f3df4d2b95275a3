/**
 * Checks the fields of an entry: its numbers must fit, and its bytes must exist.
 *
 * This applies if the page belongs to a strict machine, or the caller asks for strict semantics. C stores the low 32
 * bits without a check, and so does a compatible machine.
 */
import { MOST_32, isWhole, notWhole } from '../../base/whole.ts';
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { RuleId } from '../../machine/rules.ts';
import { firstOtherKind, mixedKinds } from './check-kinds.ts';

/** The semantics of an entry, if they are not those of its page's machine. */
export type Semantics = 'strict' | 'compatible';

/** Reports to the machine that owns the page; throws if there is none. */
function refuse(page: Page | null, rule: RuleId, what: string): never {
  const tell = page?.zone.memory.refuseEntry;
  if (tell !== undefined) tell(rule, what);
  throw new RangeError(what);
}

function isChecked(page: Page | null, semantics: Semantics | undefined): boolean {
  if (semantics !== undefined) return semantics === 'strict';
  return page === null || page.zone.memory.refuseEntry !== undefined;
}

function checkField(page: Page | null, name: string, n: number): void {
  if (!isWhole(n, MOST_32))
    refuse(page, 'sg-field-width', notWhole(`${name} of a list entry`, n, 0, MOST_32));
}

/** Refuses an entry whose numbers do not fit its fields, or whose bytes do not exist or are of several kinds. */
export function checkEntry(
  page: Page | null,
  lengthBytes: number,
  offset: number,
  semantics: Semantics | undefined,
): void {
  if (!isChecked(page, semantics)) return;
  checkField(page, 'length', lengthBytes);
  checkField(page, 'offset', offset);
  if (page === null) return;
  const end = offset + lengthBytes;
  const what = `an entry of ${String(lengthBytes)} bytes at offset ${String(offset)} of pfn ${hex(page.pfn)}`;
  if (end > MOST_32)
    refuse(page, 'sg-entry-range', `${what}: offset + length is ${String(end)}, which wraps in 32 bits`);
  checkEnd(page, end, what);
  const other = firstOtherKind(page, end);
  if (other !== undefined) refuse(page, 'sg-mixed-kinds', mixedKinds(page, other));
}

/** Refuses an offset by itself. C sets `offset` and `length` one after the other, so the length may be stale. */
export function checkOffset(page: Page | null, offset: number, semantics: Semantics | undefined): void {
  if (!isChecked(page, semantics)) return;
  checkField(page, 'offset', offset);
  if (page !== null) checkEnd(page, offset, `an entry at offset ${String(offset)} of pfn ${hex(page.pfn)}`);
}

function checkEnd(page: Page, end: number, what: string): void {
  const { memory, region } = page.zone;
  const endPfn = memory.endFor(page);
  if (page.pfn * memory.pageSize + end <= endPfn * memory.pageSize) return;
  const where = region === undefined ? 'memory' : `device region ${region.name}`;
  refuse(page, 'sg-entry-range', `${what} runs past the end of ${where} at pfn ${hex(endPfn)}`);
}

/** Refuses a slot outside an array, on every machine: C would write past the array. */
export function checkSlot(slot: number, slots: number, what = 'slot'): void {
  if (!isWhole(slot, slots - 1))
    throw new RangeError(notWhole(`${what} of an array of ${String(slots)} slots`, slot, 0, slots - 1));
}
