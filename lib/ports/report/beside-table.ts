/**
 * Ports that were explored beside a second user, as a table: one line for each variant, one column for each backend.
 */
import { describeError } from '../../base/errors.ts';
import type { BesideOutcome } from '../beside/explore-beside.ts';
import type { BesideRecord } from './beside-record.ts';
import { columnsHead, widthOf } from './table.ts';
import { distinct, fit, groupBy, listText } from './text.ts';
import { wrapText } from '../../base/text-lines.ts';
import type { Paint } from './text.ts';

const LABEL = 22;

/** What the marks in the table mean. */
export const BESIDE_LEGEND =
  '✓ explored to the end  … budget used up  ✗ broke a rule  · refused  ! not as it says';

const MARKS: Readonly<Record<BesideOutcome['result'], string>> = {
  exhausted: '✓',
  outOfBudget: '…',
  violation: '✗',
  refused: '·',
  failed: '✗',
};

/**
 * One line for each variant of each port.
 *
 * @linux none
 */
export function besideTable(records: readonly BesideRecord[], paint: Paint): readonly string[] {
  const backends = distinct(records.map(({ backend }) => backend));
  const lines = [...groupBy(records, ({ port }) => port)].flatMap(([port, group]) => [
    paint.bold(port),
    ...[...groupBy(group, ({ variant }) => variant)].map(([variant, row]) =>
      `${fit(`  ${variant}`, LABEL - 1)} ${backends.map((backend) => markIn(row, backend, paint)).join('')}`.trimEnd(),
    ),
  ]);
  return [...columnsHead(backends, paint, LABEL, ''), ...lines];
}

function markIn(row: readonly BesideRecord[], backend: string, { red, yellow, green, dim }: Paint): string {
  const record = row.find((one) => one.backend === backend);
  const width = widthOf(backend);
  if (record === undefined) return ' '.repeat(width);
  if (!record.isExpected) return red('!'.padEnd(width));
  const mark = MARKS[record.outcome.result];
  const colour = mark === '✗' ? yellow : mark === '✓' ? green : dim;
  return colour(mark.padEnd(width));
}

const RULE = 17;

/**
 * What only a second user shows: a line for each rule or error, backend and pool.
 *
 * @linux none
 */
export function besideFindings(
  records: readonly BesideRecord[],
  { bold, dim, yellow }: Paint,
  width = 80,
): readonly string[] {
  const found = records.filter(({ isFoundBeside }) => isFoundBeside);
  if (found.length === 0) return [dim('A second user of the pools shows no more than the port alone.')];
  const lines = [...groupBy(found, codeOf)].flatMap(([code, of]) =>
    [...groupBy(of, whereOf)].map(([where, group], i) => {
      const left = `  ${yellow(fit(i === 0 ? code : '', RULE))} ${where}: `;
      const names = group.map(({ port, variant }) =>
        variant === 'original' ? port : `${port} (${variant})`,
      );
      return left + listText(names, width - RULE - 5 - where.length);
    }),
  );
  return [bold('Found only beside a second user of the pool:'), ...lines];
}

function whereOf({ backend, pool, pools, held }: BesideRecord): string {
  const slots = pool === undefined ? '' : `, ${poolText(pools[pool], pool)}`;
  return `${backend}${slots}${held > 1 ? `, ${String(held)} held by each` : ''}`;
}

function poolText(size: number, pool: keyof BesideRecord['pools']): string {
  return `${String(size)} ${pool === 'vmallocPages' ? 'page' : 'slot'}${size === 1 ? '' : 's'}`;
}

function codeOf({ outcome }: BesideRecord): string {
  switch (outcome.result) {
    case 'violation':
      return outcome.violation.rule;
    case 'refused':
      return outcome.error.code;
    case 'failed':
      return 'failed';
    case 'exhausted':
    case 'outOfBudget':
      return '';
  }
}

/** The result in a sentence. */
function describe({ outcome }: BesideRecord): string {
  switch (outcome.result) {
    case 'violation':
      return `violation ${outcome.violation.rule}: ${outcome.violation.what} (schedule ${outcome.schedule})`;
    case 'refused':
      return `refused: ${describeError(outcome.error)}${outcome.schedule === undefined ? ', always' : ` (schedule ${outcome.schedule})`}`;
    case 'failed':
      return outcome.message;
    case 'exhausted':
      return `explored to the end: ${String(outcome.counts.schedules)} schedules`;
    case 'outOfBudget':
      return `the budget was used up: ${String(outcome.counts.schedules)} schedules${partText(outcome.progress)}`;
  }
}

function partText(progress: number | undefined): string {
  return progress === undefined ? '' : `, about ${(progress * 100).toFixed(0)} % of all`;
}

/**
 * The cells that are not as their contracts say, with the reason.
 *
 * @linux none
 */
export function besideReasons(records: readonly BesideRecord[], width = 80): readonly string[] {
  return records
    .filter(({ isExpected }) => !isExpected)
    .flatMap((record) => {
      const { port, variant, backend, expected, because } = record;
      const text = `${port} (${variant}) × ${backend}: NOT AS THE CONTRACT SAYS: ${describe(record)}; expected ${expected}, because ${because}.`;
      return wrapText(text, width);
    });
}

/**
 * The last line: how many cells were explored, and whether one is not as its contract says.
 *
 * @linux none
 */
export function besideSummary(records: readonly BesideRecord[], { red, green }: Paint): string {
  const count = (...results: readonly string[]): string =>
    String(records.filter(({ outcome }) => results.includes(outcome.result)).length);
  const unexpected = records.filter(({ isExpected }) => !isExpected).length;
  const verdict =
    unexpected === 0
      ? green('every one as the contracts say.')
      : red(`${String(unexpected)} not as the contracts say.`);
  return [
    `${String(records.length)} cells in every order: ${count('exhausted')} to the end, ${count('outOfBudget')} until the budget ended,`,
    `${count('refused')} refused, ${count('violation', 'failed')} broke a rule; ${verdict}`,
  ].join('\n');
}

/**
 * Explains an explored cell at length.
 *
 * @linux none
 */
export function explainBeside(record: BesideRecord, { bold, red, green }: Paint): readonly string[] {
  const { port, variant, backend, memory, pools, pool, together, report = '' } = record;
  const soFar = record.outcome.result === 'outOfBudget' ? 'so far ' : '';
  const verdict = record.isExpected
    ? green(`${soFar}as the contract says`)
    : red('NOT what the contract says');
  return [
    bold(`${port} (${variant}) over ${backend}, ${memory} pages, beside a second user`),
    `  port      ${record.follows}; ${record.about}`,
    `  pool      ${pool === undefined ? 'not shared' : poolText(pools[pool], pool)}; the second user holds ${String(record.held)} at once`,
    `  alone     ${record.expected}: ${record.because}`,
    ...together.map((because) => `  together  ${because}`),
    `  happened  ${describe(record)}, ${verdict}`,
    ...record.unseen.map((what) => `  unseen    ${what}`),
    ...(report === '' ? [] : ['', ...report.trimEnd().split('\n')]),
    '',
  ];
}
