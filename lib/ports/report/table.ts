/**
 * The matrix as a table: one line for each port or for each row, one column for each backend.
 */
import type { CellRecord } from './record.ts';
import { describeOutcome } from '../cell.ts';
import { siteText } from '../../machine/violation.ts';
import { distinct, fit, groupBy, sizeText } from './text.ts';
import { wrapText } from '../../base/text-lines.ts';
import type { Paint } from './text.ts';

const LABEL = 22;
const ROW_LABEL = 32;
const LEAST_CELL = 5;

const MARKS = '✓✗·!';

/** What the marks in a table mean. */
export const LEGEND = '✓ every byte arrived  ✗ broke a rule  · refused  ! not as its contract says';

function markOf({ outcome, isExpected }: CellRecord): string {
  if (!isExpected) return '!';
  if (outcome.result === 'verified') return '✓';
  return outcome.result === 'refused' ? '·' : '✗';
}

/**
 * The original variant of every port, one line each, and how many of its conversions some backend serves.
 *
 * @linux none
 */
export function portTable(cells: readonly CellRecord[], paint: Paint): readonly string[] {
  const backends = backendsOf(cells);
  const ports = [...groupBy(cells, ({ port }) => port)];
  const lines = ports.map(([port, group]) => {
    const original = group.filter(({ isOriginal }) => isOriginal);
    const others = [
      ...groupBy(
        group.filter(({ isOriginal }) => !isOriginal),
        ({ variant }) => variant,
      ).values(),
    ];
    const works = others.filter(worksSomewhere).length;
    const count = others.length === 0 ? '' : `${String(works)}/${String(others.length)}`;
    return line(port, original, backends, paint, LABEL) + count;
  });
  return [...columnsHead(backends, paint, LABEL, 'works'), ...lines];
}

/**
 * Every row of one configuration: variants and kinds of memory, one line each.
 *
 * @linux none
 */
export function rowTable(cells: readonly CellRecord[], paint: Paint): readonly string[] {
  const backends = backendsOf(cells);
  const lines = [...groupBy(cells, ({ port }) => port)].flatMap(([port, group]) => [
    `${paint.bold(port)}  ${paint.dim(group[0]?.follows ?? '')}`,
    ...[...groupBy(group, ({ variant, memory }) => `  ${variant} ${memory}`)].map(([label, row]) =>
      line(label, row, backends, paint, ROW_LABEL).trimEnd(),
    ),
  ]);
  return [...columnsHead(backends, paint, ROW_LABEL, ''), ...lines];
}

/**
 * Conversions that no backend serves on every kind of memory of their port, each with the reason.
 *
 * @linux none
 */
export function conversionLines(
  cells: readonly CellRecord[],
  { bold, dim }: Paint,
  width = 80,
): readonly string[] {
  const others = cells.filter(({ isOriginal }) => !isOriginal);
  const failing = [...groupBy(others, ({ port, variant }) => `${port}: ${variant}`)].filter(
    ([, group]) => !worksSomewhere(group),
  );
  if (failing.length === 0) return [dim('Some backend serves every conversion on every kind of memory.')];
  return [
    bold('Conversions that no backend serves:'),
    ...failing.map(([name, group]) => {
      const reason = group.find(({ outcome }) => outcome.result !== 'verified');
      return fit(`  ${name}: ${reason === undefined ? '' : whatOf(reason)}`, width).trimEnd();
    }),
  ];
}

function whatOf({ outcome, because }: CellRecord): string {
  return outcome.result === 'violation' ? `${outcome.violation.rule}, ${because}` : because;
}

/** Whether, on every kind of memory, some backend serves a variant. */
function worksSomewhere(group: readonly CellRecord[]): boolean {
  return [...groupBy(group, ({ memory }) => memory).values()].every((row) =>
    row.some(({ outcome, isSilent }) => outcome.result === 'verified' && !isSilent),
  );
}

function backendsOf(cells: readonly CellRecord[]): readonly string[] {
  return distinct(cells.filter(({ usesBackend }) => usesBackend).map(({ contract }) => contract.name));
}

/** The columns that a backend has in a table. */
export function widthOf(backend: string): number {
  return Math.max(LEAST_CELL, ...parts(backend).map((part) => part.length + 1));
}

// `kmap_local` is two lines in the head of its column.
function parts(backend: string): readonly string[] {
  return backend.split(/[-_]/).slice(-2);
}

/** The two lines above a table with a column for each backend. */
export function columnsHead(
  backends: readonly string[],
  { bold }: Paint,
  width: number,
  last: string,
): readonly string[] {
  const lines = [0, 1].map((i) => {
    const texts = backends.map((backend) => {
      const all = parts(backend);
      const at = i - (2 - all.length);
      return (all[at] ?? '').padEnd(widthOf(backend));
    });
    return bold(`${''.padEnd(width)}${texts.join('')}${i === 1 ? last : ''}`.trimEnd());
  });
  return lines;
}

function line(
  label: string,
  row: readonly CellRecord[],
  backends: readonly string[],
  paint: Paint,
  width: number,
): string {
  const own = row.some(({ usesBackend }) => !usesBackend);
  const texts = backends.map((backend, i) => {
    const of = own ? (i === 0 ? row : []) : row.filter(({ contract }) => contract.name === backend);
    const marks = [...MARKS].filter((mark) => of.some((cell) => markOf(cell) === mark)).join('');
    return colourOf(marks, paint)(marks.padEnd(widthOf(backend)));
  });
  return `${fit(label, width - 1)} ${texts.join('')}`;
}

function colourOf(marks: string, { red, green, yellow, dim }: Paint): (text: string) => string {
  if (marks.includes('!')) return red;
  if (marks.includes('✗')) return yellow;
  return marks.includes('✓') ? green : dim;
}

/**
 * The reasons of all cells that are not verified, and which cells have each.
 *
 * @linux none
 */
export function reasonLines(cells: readonly CellRecord[], { dim }: Paint, width = 80): readonly string[] {
  const unverified = cells.filter(({ outcome, isExpected }) => outcome.result !== 'verified' || !isExpected);
  return [...groupBy(unverified, reasonOf)].flatMap(([reason, group]) => {
    const where = distinct(group.map(({ port, contract }) => `${port} × ${contract.name}`));
    return wrapText(`${reason} ${dim(`(${where.join(', ')})`)}`, width);
  });
}

function reasonOf(cell: CellRecord): string {
  const { outcome, because, isExpected } = cell;
  if (!isExpected)
    return `NOT AS THE CONTRACT SAYS: ${describeOutcome(outcome)}; expected ${cell.expected}, because ${because}.`;
  if (outcome.result !== 'violation') return `${because}.`;
  const { rule, foundAt } = outcome.violation;
  return `${rule}${foundAt === undefined ? '' : ` at ${siteText(foundAt)}`}: ${because}.`;
}

/**
 * The last line: how many cells there are, and whether one is not as its contract says.
 *
 * @linux none
 */
export function summaryLine(cells: readonly CellRecord[], { red, green }: Paint): string {
  const count = (result: string): string =>
    String(cells.filter(({ outcome }) => outcome.result === result).length);
  const bytes = cells.reduce(
    (sum, { outcome }) => sum + (outcome.result === 'verified' ? outcome.bytes : 0),
    0,
  );
  const unexpected = cells.filter(({ isExpected }) => !isExpected).length;
  const verdict =
    unexpected === 0
      ? green('every one as the contracts say.')
      : red(`${String(unexpected)} not as the contracts say.`);
  return `${String(cells.length)} cells: ${count('verified')} verified (${sizeText(bytes)}), ${count('refused')} refused, ${count('violation')} broke a rule;\n${verdict}`;
}
