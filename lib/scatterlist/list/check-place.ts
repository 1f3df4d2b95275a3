/**
 * Finds the page of a byte of an entry, or reports that there is none. `sgMap`, iterators, copy helpers, splitting and
 * DMA all use this check, on every machine.
 */
import { hex } from '../../base/units.ts';
import type { Context } from '../../kernel/core/machine.ts';
import type { Page } from '../../machine/memory.ts';
import type { RuleId } from '../../machine/rules.ts';
import { firstOtherKind, mixedKinds } from './check-kinds.ts';
import type { SgEntry } from './sg-array.ts';

/** The caller, for the report. A list can be walked without a context, because its pages know their machine. */
export interface Asker {
  readonly name: string;
  readonly context?: Context | undefined;
}

/**
 * Whether bytes from the start of a page on all exist: in RAM, or in the device that the page belongs to. On a strict
 * machine they must be of the kind of that page, too.
 */
export function exists(page: Page, startBytes: number, lengthBytes: number): boolean {
  const { memory, firstPfn, pages } = page.zone;
  const end = startBytes + lengthBytes;
  if (end <= (firstPfn + pages - page.pfn) * memory.pageSize) return true;
  return lies(page, end) && (memory.refuseEntry === undefined || firstOtherKind(page, end) === undefined);
}

function lies(page: Page, endBytes: number): boolean {
  const { memory } = page.zone;
  return endBytes <= (memory.endFor(page) - page.pfn) * memory.pageSize;
}

/** Reports a byte of an entry that does not exist. */
export function refusePlace({ name, context }: Asker, sg: SgEntry, offset: number): never {
  const { page } = sg;
  const { rule, why } = page === null ? NO_PAGE : reasonOf(sg, page, offset);
  const what = `${name} ${why}`;
  const tell = page?.zone.memory.refuseEntry;
  if (context !== undefined)
    context.machine.hardware.violate({ rule, what, severity: 'bug', context: context.state() });
  else if (tell !== undefined) tell(rule, what);
  throw new RangeError(what);
}

interface Reason {
  readonly rule: RuleId;
  readonly why: string;
}

const NO_PAGE: Reason = { rule: 'sg-empty-entry', why: 'of an entry that has no page' };

function reasonOf(sg: SgEntry, page: Page, offset: number): Reason {
  const { memory } = page.zone;
  const begins = offset >= 0 && offset < sg.length && lies(page, sg.offset + offset + 1);
  const isChecked = begins && memory.refuseEntry !== undefined;
  const other = isChecked ? firstOtherKind(page, sg.offset + sg.length) : undefined;
  return other === undefined
    ? { rule: 'sg-range', why: describePlace(sg, page, offset) }
    : { rule: 'sg-mixed-kinds', why: `at offset ${String(offset)}: ${mixedKinds(page, other)}` };
}

function describePlace(sg: SgEntry, page: Page, offset: number): string {
  const isInside = offset >= 0 && offset < sg.length;
  const end = hex(page.zone.memory.endFor(page));
  return `at offset ${String(offset)} of an entry of ${String(sg.length)} bytes (pfn ${hex(page.pfn)}, offset ${String(sg.offset)})${isInside ? `, which runs past the end of its memory at pfn ${end}` : ''}`;
}
