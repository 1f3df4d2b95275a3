/**
 * One cell explained: what the port needs, what the contract says, and what happened.
 */
import { hangingLines, wrapText } from '../../base/text-lines.ts';
import { formatViolation, siteText } from '../../machine/violation.ts';
import type { Contract } from '../../mapping/contract.ts';
import { describeOutcome } from '../cell.ts';
import type { Needs } from '../needs.ts';
import { ledgerText } from './costs.ts';
import type { CellRecord } from './record.ts';
import type { Paint } from './text.ts';

/**
 * Explains a cell at length.
 *
 * @linux none
 */
export function explainCell(cell: CellRecord, { bold, red, green }: Paint, width = 80): readonly string[] {
  const { contract, outcome } = cell;
  const verdict = cell.isExpected ? green('as the contract says') : red('NOT what the contract says');
  const happened =
    outcome.result === 'violation' ? `violation ${outcome.violation.rule}` : describeOutcome(outcome);
  const silent = cell.isSilent ? ', in silence: this machine checks no access' : '';
  const row = (label: string, text: string): readonly string[] =>
    hangingLines(`  ${label}`.padEnd(12), text, width);
  const title = `${cell.port} (${cell.variant}) over ${contract.name}, ${cell.memory} pages, ${cell.configuration}`;
  return [
    ...wrapText(title, width).map(bold),
    ...row('port', `${cell.follows}; ${cell.about}`),
    ...row('Linux', cell.linux),
    ...cell.needs.flatMap((needs) => row('maps', needsText(needs))),
    ...row('backend', contract.mirrors),
    ...row('contract', contractText(contract)),
    ...row('expected', `${cell.expected}: ${cell.because}`),
    ...row('happened', `${happened}, ${verdict}${silent}`),
    ...(outcome.result === 'verified'
      ? row('cost', `${ledgerText(outcome.ledger)}: ${String(outcome.cycles)} cycles`)
      : []),
    ...(outcome.result === 'violation'
      ? ['', ...indented(formatViolation(outcome.violation, width - 2))]
      : []),
    ...(cell.trace === undefined || cell.trace.length === 0
      ? []
      : ['', '  trace', ...cell.trace.flatMap((line) => wrapText(`    ${line}`, width, 6))]),
    '',
  ];
}

function indented(text: string): readonly string[] {
  return text.split('\n').map((line) => `  ${line}`);
}

function contractText(contract: Contract): string {
  const disables = contract.disables.length === 0 ? 'no such thing' : contract.disables.join(', ');
  return `maps in ${contract.contexts.join(', ')}; ${contract.sleeps ? 'may sleep' : 'does not sleep'}; a live map disables ${disables}`;
}

/** What a mapping site needs, in a line. */
function needsText(needs: Needs): string {
  const facts = [
    `in ${needs.contexts.join(', ')} context${needs.isAtomic ? ', atomic' : ''}`,
    `${String(needs.heldAtOnce)} at once${needs.isReleasedInOrder ? '' : ', older released first'}`,
    ...(needs.pages > 1 ? [`${String(needs.pages)} pages each`] : []),
    ...(needs.usedBy.length > 0 ? [`used by ${needs.usedBy.join(', ')}`] : []),
    ...(needs.isUsedOnOtherCpu ? ['used on another CPU'] : []),
    ...(needs.sleptOn.length > 0 ? [`held while it sleeps on ${needs.sleptOn.join(', ')}`] : []),
    ...(needs.mechanism === undefined ? [] : [`by ${needs.mechanism} of its own`]),
  ];
  return `${siteText(needs.site)}: ${facts.join('; ')}`;
}
