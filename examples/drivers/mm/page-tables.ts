/**
 * The file kernel_page_tables of debugfs, as a program reads it: text with a marker line for each area and below it the
 * mapped ranges.
 */

/** A range of the file, under the marker of its area. */
export interface ShownRange {
  readonly marker: string;
  readonly start: number;
  readonly end: number;
  readonly firstPfn: number;
  /** What is said of it after the frame. */
  readonly rest: string;
}

const MARKER = /^---\[ (.*) \]---$/;
const RANGE = /^0x([0-9a-f]+)-0x([0-9a-f]+) +\d+[BKMGT] +\w+ +pfn 0x([0-9a-f]+)(.*)$/;

/** Parses the file. A line that begins with a space goes on with the range above. */
export function parsePageTables(text: string): readonly ShownRange[] {
  const ranges: ShownRange[] = [];
  let marker = '';
  for (const line of text.split('\n')) {
    const [, start = '', end = '', pfn = '', rest = ''] = RANGE.exec(line) ?? [];
    const last = ranges.at(-1);
    if (start !== '') {
      const numbers = { start: parseInt(start, 16), end: parseInt(end, 16), firstPfn: parseInt(pfn, 16) };
      ranges.push({ marker, ...numbers, rest });
    } else if (line.startsWith(' ') && last !== undefined)
      ranges.splice(-1, 1, { ...last, rest: last.rest + line });
    else marker = MARKER.exec(line)?.[1] ?? marker;
  }
  return ranges;
}

/** The range in which an address lies. */
export function rangeAt(ranges: readonly ShownRange[], address: number): ShownRange | undefined {
  return ranges.find(({ start, end }) => address >= start && address < end);
}
