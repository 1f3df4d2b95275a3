/**
 * What the backends cost on one kind of memory, as a table of small bars in HTML.
 */
import type { CellOutcome } from '../cell.ts';
import { COSTS } from './costs.ts';
import type { CellRecord } from './record.ts';

type Verified = Extract<CellOutcome, { result: 'verified' }>;

interface Column {
  readonly title: string;
  readonly of: (outcome: Verified) => number;
}

const COLUMNS: readonly Column[] = [
  { title: 'cycles', of: ({ cycles }) => cycles },
  ...COSTS.map(({ title, of }) => ({ title, of: ({ ledger }: Verified) => of(ledger) })),
];
const LONGEST = 48;

/** A row for each backend, with links to the report and the trace of its cell; columns of which all are 0 are left out. */
export function ledgerHtml(row: readonly CellRecord[], idOf: (cell: CellRecord) => string): string {
  const verified = row.flatMap(({ outcome }) => (outcome.result === 'verified' ? [outcome] : []));
  const columns = COLUMNS.map(({ title, of }) => ({
    title,
    of,
    most: Math.max(0, ...verified.map(of)),
  })).filter(({ most }) => most > 0);
  const head = ['backend', 'result', '', ...columns.map(({ title }) => title)];
  const rows = row.map((cell) => {
    const { outcome } = cell;
    const id = idOf(cell);
    const bars = columns.map(({ of, most }) => (outcome.result === 'verified' ? bar(of(outcome), most) : ''));
    const links = [
      `<a href="#${id}">${escaped(backendOf(cell))}</a>`,
      escaped(resultOf(outcome)),
      cell.trace === undefined ? '' : `<a href="#${id}-trace">trace</a>`,
    ];
    return `<tr>${[...links, ...bars].map((text) => `<td>${text}</td>`).join('')}</tr>`;
  });
  return `<table class="ledger"><tr>${head.map((title) => `<th>${title}</th>`).join('')}</tr>${rows.join('')}</table>`;
}

function backendOf({ usesBackend, contract }: CellRecord): string {
  return usesBackend ? contract.name : 'its own map';
}

function resultOf(outcome: CellOutcome): string {
  if (outcome.result === 'violation') return outcome.violation.rule;
  return outcome.result === 'refused' ? outcome.error.code : outcome.result;
}

function bar(n: number, most: number): string {
  if (n === 0) return '0';
  const width = Math.max(1, Math.round((LONGEST * n) / most));
  return `<svg width="${String(width)}" height="9"><rect width="${String(width)}" height="9"/></svg> ${String(n)}`;
}

/** A text that stands for itself in HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
