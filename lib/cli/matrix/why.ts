/**
 * One cell explained: what the port needs, what the contract says, and what happened.
 */
import pc from 'picocolors';
import { formatViolation } from 'scatterlist';
import type { Contract, LedgerCounts } from 'scatterlist';
import { describeOutcome } from './run.ts';
import type { Cell } from './run.ts';

function contractText(contract: Contract): string {
  const disables = contract.disables.length === 0 ? 'nothing' : contract.disables.join(', ');
  return `maps in ${contract.contexts.join(', ')}; ${contract.sleeps ? 'may sleep' : 'does not sleep'}; a live map disables ${disables}`;
}

function costText(ledger: LedgerCounts): string {
  return Object.entries(ledger)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${name} ${String(n)}`)
    .join(', ');
}

/** Explains a cell at length. */
export function explain(cell: Cell): readonly string[] {
  const { workload, column, expectation, outcome, expected } = cell;
  const { needs } = workload;
  const where = needs.underLock ? `${needs.context} context, under a spinlock` : `${needs.context} context`;
  const sleeps =
    needs.sleepsWhileMapped === undefined ? '' : `; calls ${needs.sleepsWhileMapped} while mapped`;
  const verdict = expected ? pc.green('as the contract says') : pc.red('NOT what the contract says');
  return [
    pc.bold(`${workload.port} over ${column.contract.name}, ${workload.memory} pages`),
    `  port      ${workload.follows}; maps in ${where}${sleeps}`,
    `  backend   ${column.contract.mirrors}`,
    `  contract  ${contractText(column.contract)}`,
    `  expected  ${expectation.result}: ${expectation.because}`,
    `  happened  ${outcome.result === 'violation' ? `violation ${outcome.violation.rule}` : describeOutcome(outcome)}, ${verdict}`,
    ...(outcome.result === 'verified'
      ? [`  cost      ${costText(outcome.ledger)}: ${String(outcome.cycles)} cycles`]
      : []),
    ...(outcome.result === 'violation'
      ? [
          '',
          ...formatViolation(outcome.violation)
            .split('\n')
            .map((line) => `  ${line}`),
        ]
      : []),
    '',
  ];
}
