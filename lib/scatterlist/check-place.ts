/**
 * The page of a byte of an entry, or the report that there is none: one rule and one wording for `sgMap`, iterators,
 * copy helpers, splitting and DMA, on every machine.
 */
import { hex } from '../base/units.ts';
import type { Context } from '../kernel/machine.ts';
import type { Page } from '../machine/memory.ts';
import type { RuleId } from '../machine/rules.ts';
import type { SgEntry } from './sg-array.ts';

/** Who asks, for the report. A list can be walked without a context: its pages know their machine. */
export interface Asker {
  readonly name: string;
  readonly context?: Context | undefined;
}

/** Whether bytes from the start of a page on all exist: in RAM, or in the device that the page belongs to. */
export function exists(page: Page, startBytes: number, lengthBytes: number): boolean {
  const { memory } = page.zone;
  return startBytes + lengthBytes <= (memory.endFor(page) - page.pfn) * memory.pageSize;
}

/** Reports a byte of an entry that nothing can reach. */
export function refusePlace({ name, context }: Asker, sg: SgEntry, offset: number): never {
  const { page } = sg;
  const rule: RuleId = page === null ? 'sg-empty-entry' : 'sg-range';
  const what =
    page === null ? `${name} of an entry that has no page` : `${name} ${describePlace(sg, page, offset)}`;
  const tell = page?.zone.memory.refuseEntry;
  if (context !== undefined)
    context.machine.hardware.violate({ rule, what, severity: 'bug', context: context.state() });
  else if (tell !== undefined) tell(rule, what);
  throw new RangeError(what);
}

function describePlace(sg: SgEntry, page: Page, offset: number): string {
  const isInside = offset >= 0 && offset < sg.length;
  const end = hex(page.zone.memory.endFor(page));
  return `at offset ${String(offset)} of an entry of ${String(sg.length)} bytes (pfn ${hex(page.pfn)}, offset ${String(sg.offset)})${isInside ? `, which runs past the end of its memory at pfn ${end}` : ''}`;
}

/** The page in which byte `offset` of an entry lies; `lengthBytes` from there on must exist. */
export function pageAtByte(asker: Asker, sg: SgEntry, offset: number, lengthBytes: number): Page {
  const { page } = sg;
  const start = sg.offset + offset;
  if (page === null || !exists(page, start, lengthBytes)) return refusePlace(asker, sg, offset);
  const { memory } = page.zone;
  return memory.nthPage(page, Math.floor(start / memory.pageSize));
}
