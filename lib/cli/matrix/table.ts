/**
 * Formats the matrix: the result of every cell, the reason if it was not success, and the cost.
 */
import pc from 'picocolors';
import type { LedgerCounts } from 'scatterlist';
import { COLUMNS } from './backends.ts';
import { siteText } from '../source-lines.ts';
import { describeOutcome } from './run.ts';
import type { Cell, Outcome } from './run.ts';

/** Column widths with which eight backends fit into 120 columns. */
const WIDTH = 120;
const LABEL = 10;
const CELL = 13;
const LABEL_OF_COSTS = 18;

type Verified = Extract<Outcome, { result: 'verified' }>;
type Paint = (text: string) => string;

/** Groups in order of first appearance. */
function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Formats a number of bytes: `64.0 KiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${String(bytes)} B`;
  const [unit, divisor] = bytes < 1024 * 1024 ? ['KiB', 1024] : ['MiB', 1024 * 1024];
  return `${(bytes / divisor).toFixed(bytes / divisor < 100 ? 1 : 0)} ${unit}`;
}

/** Numbers the explanations; cells with the same explanation share a number. */
class Footnotes {
  readonly #notes = new Map<string, Set<string>>();

  mark(cell: Cell): string {
    if (cell.outcome.result === 'verified' && cell.expected) return '';
    const { name, reason } = noteOf(cell);
    const names = this.#notes.get(reason) ?? new Set<string>();
    this.#notes.set(reason, names.add(name));
    return superscript([...this.#notes.keys()].indexOf(reason) + 1);
  }

  lines(): readonly string[] {
    return [...this.#notes].flatMap(([reason, names], i) =>
      wrap(`${superscript(i + 1)} ${[...names].join(', ')}: ${reason}`),
    );
  }
}

function superscript(n: number): string {
  return String(n).replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit)));
}

/** Breaks a text into lines of the table's width and indents all but the first. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length >= WIDTH) {
      lines.push(line);
      line = ' ';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

function noteOf(cell: Cell): { readonly name: string; readonly reason: string } {
  const { outcome, expectation, workload, column } = cell;
  if (!cell.expected) {
    const where = `${workload.port} ${workload.memory} × ${column.contract.name}`;
    return {
      name: `UNEXPECTED in ${where}`,
      reason: `${describeOutcome(outcome)}; expected: ${expectation.result}, because ${expectation.because}`,
    };
  }
  if (outcome.result !== 'violation') return { name: 'Unmappable', reason: expectation.because };
  const at = siteText(outcome.violation.foundAt);
  return { name: `${outcome.violation.rule}${at === '' ? '' : ` at ${at}`}`, reason: expectation.because };
}

// Short enough for a cell; the whole name is in the footnote.
function shortText(outcome: Outcome): string {
  switch (outcome.result) {
    case 'verified':
      return `✓ ${size(outcome.bytes)}`;
    case 'refused':
      return outcome.error.code.slice(0, 11);
    case 'violation':
      return `✗ ${outcome.violation.rule.replace(/^.*-(in)-(atomic)$/, '$1 $2').slice(0, 9)}`;
    case 'failed':
      return '! failed';
  }
}

function paintOf({ outcome, expected }: Cell): Paint {
  if (!expected) return pc.red;
  if (outcome.result === 'verified') return pc.green;
  return outcome.result === 'violation' ? pc.yellow : pc.dim;
}

/** The main table with its footnotes. */
export function printMatrix(cells: readonly Cell[]): readonly string[] {
  const notes = new Footnotes();
  const head = COLUMNS.map(({ contract }) => contract.name.padEnd(CELL))
    .join('')
    .trimEnd();
  const lines = [''.padEnd(LABEL) + pc.bold(head)];
  for (const [port, group] of groupBy(cells, (cell) => cell.workload.port)) {
    const [first] = group;
    if (first === undefined) continue;
    const { follows, needs } = first.workload;
    const where = `maps in ${needs.context} context${needs.underLock ? ', under a spinlock' : ''}`;
    lines.push('', `${pc.bold(port)}  ${pc.dim(`${follows} · ${where}`)}`);
    for (const [memory, row] of groupBy(group, (cell) => cell.workload.memory)) {
      const texts = row.map((cell, i) => {
        const text = shortText(cell.outcome) + notes.mark(cell);
        return paintOf(cell)(i === row.length - 1 ? text : text.padEnd(CELL));
      });
      lines.push(`${memory.padEnd(LABEL)}${texts.join('')}`);
    }
  }
  return [...lines, '', ...notes.lines()];
}

/** A column of the cost tables. */
interface Cost {
  readonly title: string;
  readonly of: (ledger: LedgerCounts) => number;
}

const COSTS: readonly Cost[] = [
  { title: 'maps', of: (l) => l.maps },
  { title: 'PTE writes', of: (l) => l.pteWrites },
  { title: 'TLB local', of: (l) => l.flushesLocal },
  { title: 'global', of: (l) => l.flushesGlobal },
  { title: 'IPIs', of: (l) => l.ipis },
  { title: 'locks', of: (l) => l.lockAcquisitions },
  { title: 'waits', of: (l) => l.lockWaits },
  { title: 'bounced', of: (l) => l.bytesBounced },
  { title: 'device', of: (l) => l.deviceAccesses },
  { title: 'keys', of: (l) => l.keySwitches },
];

interface CostRow {
  readonly label: string;
  readonly verified: readonly Verified[];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function costTable(labelTitle: string, labelWidth: number, rows: readonly CostRow[]): readonly string[] {
  const titles = ['verified', ...COSTS.map(({ title }) => title), 'cycles', 'per KiB'];
  const widths = titles.map((title) => Math.max(title.length, 6) + 1);
  const line = (label: string, values: readonly string[]): string =>
    label.padEnd(labelWidth) + values.map((value, i) => value.padStart(widths[i] ?? 8)).join('');
  return [
    pc.bold(line(labelTitle, titles)),
    ...rows
      .filter(({ verified }) => verified.length > 0)
      .map(({ label, verified }) => {
        const bytes = sum(verified.map((v) => v.bytes));
        const cycles = sum(verified.map((v) => v.cycles));
        const counts = COSTS.map(({ of }) => sum(verified.map(({ ledger }) => of(ledger))));
        const numbers = [...counts, cycles].map((n) => short(n));
        return line(label, [size(bytes), ...numbers, short(Math.round((cycles * 1024) / bytes))]);
      }),
  ];
}

function short(n: number): string {
  if (n === 0) return '·';
  if (n < 100_000) return String(n);
  return n < 10_000_000 ? `${(n / 1000).toFixed(0)}k` : `${(n / 1_000_000).toFixed(0)}M`;
}

function verifiedOf(cells: readonly Cell[]): readonly Verified[] {
  return cells.flatMap(({ outcome }) => (outcome.result === 'verified' ? [outcome] : []));
}

/** What each backend cost over the cells that it served. */
export function printCosts(cells: readonly Cell[]): readonly string[] {
  const label = ({ column, workload }: Cell): string =>
    column.contract.name + (workload.memory === 'iomem' ? ' (io)' : '');
  const rows = [...groupBy(cells, label)].map(([name, group]) => ({
    label: name,
    verified: verifiedOf(group),
  }));
  return [
    ...costTable('what it cost', LABEL_OF_COSTS, rows),
    pc.dim('Sums over the cells that each served; cycles are modelled. --wide compares them cell by cell.'),
  ];
}

/** What each verified cell cost. */
export function printWide(cells: readonly Cell[]): readonly string[] {
  return [...groupBy(cells, (cell) => `${cell.workload.port}  ${cell.workload.memory}`)].flatMap(
    ([title, group]) => [
      pc.bold(pc.cyan(title)),
      ...costTable(
        '',
        LABEL_OF_COSTS,
        group.map((cell) => ({ label: cell.column.contract.name, verified: verifiedOf([cell]) })),
      ),
      '',
    ],
  );
}

/** The last line: how many cells, and whether any is unexplained. */
export function printSummary(cells: readonly Cell[]): string {
  const count = (result: Outcome['result']): number =>
    cells.filter(({ outcome }) => outcome.result === result).length;
  const bytes = sum(verifiedOf(cells).map((v) => v.bytes));
  const unexpected = cells.filter(({ expected }) => !expected).length;
  const facts = `${String(cells.length)} cells: ${String(count('verified'))} moved and verified ${size(bytes)}, ${String(count('refused'))} refused, ${String(count('violation'))} broke a contract`;
  return unexpected === 0
    ? `${facts}; ${pc.green('every one as the contracts say.')}`
    : `${facts}; ${pc.red(`${String(unexpected)} not as the contracts say.`)}`;
}
