/**
 * What each verified cell cost, by the ledger of its machine.
 */
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { CellOutcome } from '../cell.ts';
import type { CellRecord } from './record.ts';
import { groupBy, sizeText } from './text.ts';
import type { Paint } from './text.ts';

type Verified = Extract<CellOutcome, { result: 'verified' }>;

const LABEL = 18;

/** A column of the cost tables. */
export interface Cost {
  readonly title: string;
  readonly of: (ledger: LedgerCounts) => number;
}

/** What a ledger counts, as far as the tables show it. */
export const COSTS: readonly Cost[] = [
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
const TITLES = ['verified', ...COSTS.map(({ title }) => title), 'cycles', 'per KiB'];
const WIDTHS = TITLES.map((title) => Math.max(title.length, 6) + 1);

/**
 * A table of costs for each row of the matrix, 120 columns wide.
 *
 * @linux none
 */
export function costTables(cells: readonly CellRecord[], { bold }: Paint): readonly string[] {
  return [...groupBy(cells, rowText)].flatMap(([title, row]) => [
    bold(line(title.slice(0, LABEL - 1), TITLES)),
    ...(title.length < LABEL ? [] : [title]),
    ...row.flatMap(({ outcome, contract }) =>
      outcome.result === 'verified' ? [line(contract.name, numbers(outcome))] : [],
    ),
    '',
  ]);
}

function rowText({ port, variant, memory, configuration }: CellRecord): string {
  return `${port}, ${variant}, ${memory}, ${configuration}`;
}

function line(label: string, values: readonly string[]): string {
  return label.padEnd(LABEL) + values.map((value, i) => value.padStart(WIDTHS[i] ?? 8)).join('');
}

function numbers({ bytes, cycles, ledger }: Verified): readonly string[] {
  const perKiB = bytes === 0 ? 0 : Math.round((cycles * 1024) / bytes);
  return [sizeText(bytes), ...[...COSTS.map(({ of }) => of(ledger)), cycles, perKiB].map(short)];
}

function short(n: number): string {
  if (n === 0) return '·';
  if (n < 100_000) return String(n);
  return n < 10_000_000 ? `${(n / 1000).toFixed(0)}k` : `${(n / 1_000_000).toFixed(0)}M`;
}

/** The counts of a ledger that are not 0, in a line. */
export function ledgerText(ledger: LedgerCounts): string {
  return Object.entries(ledger)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${name} ${String(n)}`)
    .join(', ');
}
