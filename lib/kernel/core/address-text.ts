/**
 * The text of an address-space dump: a marker line for each area, and below it a line for each run of mapped pages.
 */
import { oneLine } from '../../base/printable.ts';
import { hex } from '../../base/units.ts';
import type { AddressSpaceDump, DumpedArea, DumpedHolder, DumpedRange } from './address-dump.ts';

/** The width of the text. */
const COLUMNS = 80;
/** Holders of a run that are named. */
const MOST_HOLDERS = 3;

/**
 * Formats an address-space dump, in lines of at most 80 columns.
 *
 * @linux note_page (7.2, arch/x86/mm/dump_pagetables.c), whose markers and columns it has
 * @context any
 * @differs after the access rights it names the first frame, the memory, and who holds it
 * @example
 * ```ts
 * console.log(formatAddressSpace(machine.dumpAddressSpace()));
 * ```
 */
export function formatAddressSpace(dump: AddressSpaceDump): string {
  return dump.areas
    .flatMap((area) => [markerOf(area), ...linesOf(area), ''])
    .slice(0, -1)
    .join('\n');
}

/** The line above an area. */
export function markerOf({ marker }: DumpedArea): string {
  return `---[ ${marker} ]---`;
}

/** The lines of an area, for at most so many ranges. */
export function linesOf(area: DumpedArea, most: number = Infinity): readonly string[] {
  const left = area.ranges.length - most;
  return [
    ...area.ranges.slice(0, most).flatMap(rangeText),
    ...(left > 0 ? [`  … and ${String(left)} more range${left > 1 ? 's' : ''}`] : []),
  ];
}

// A line, or two where what follows the addresses does not fit beside them.
function rangeText(range: DumpedArea['ranges'][number]): readonly string[] {
  const { start, end, pages, firstPfn, kind, device, access } = range;
  const where = `${`${hex(start)}-${hex(end)}`.padEnd(22)}${sizeText(end - start).padStart(5)}`;
  const frames = pages === 1 ? hex(firstPfn) : `${hex(firstPfn)}-${hex(firstPfn + pages - 1)}`;
  const memory = device === undefined ? (kind ?? 'no memory') : `device ${oneLine(device)}`;
  const line = `${where} ${access === 'with key' ? 'key' : 'RW '} pfn ${frames} ${memory}`;
  const holders = [...slotText(range), ...holderText(range)].join(', ');
  if (holders === '') return [clip(line)];
  const both = `${line}, ${holders}`;
  return both.length <= COLUMNS ? [both] : [clip(line), clip(`    ${holders}`)];
}

function slotText(range: DumpedArea['ranges'][number]): readonly string[] {
  if ('count' in range) {
    const { slot, pages, count } = range;
    const slots = pages === 1 ? `slot ${String(slot)}` : `slots ${String(slot)}-${String(slot + pages - 1)}`;
    return [slots, count === 1 ? 'count 1, unused' : `count ${String(count)}`];
  }
  return 'cpu' in range ? [`cpu${String(range.cpu)} index ${String(range.index)}`] : [];
}

function holderText({ holders }: DumpedRange): readonly string[] {
  const counts = new Map<string, number>();
  for (const holder of holders) {
    const text = nameOf(holder);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const texts = [...counts].map(([text, count]) => (count === 1 ? text : `${text} ${String(count)} times`));
  const left = texts.length - MOST_HOLDERS;
  return [...texts.slice(0, MOST_HOLDERS), ...(left > 0 ? [`${String(left)} more`] : [])];
}

function nameOf({ name, mechanism }: DumpedHolder): string {
  return mechanism === undefined ? `of "${oneLine(name)}"` : `${oneLine(mechanism)} by "${oneLine(name)}"`;
}

const UNITS = ['B', 'K', 'M', 'G', 'T'] as const;

/** The size in the largest unit that divides it, as Linux prints it. */
function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && size % 1024 === 0 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${String(size)}${UNITS[unit] ?? ''}`;
}

function clip(text: string): string {
  return text.length <= COLUMNS ? text : `${text.slice(0, COLUMNS - 1)}…`;
}
