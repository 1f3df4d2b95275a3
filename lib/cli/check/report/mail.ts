/**
 * A finding as sentences that could go into a mail to the maintainers.
 */
import { fixFor } from '../advice.ts';
import type { Finding } from '../judge.ts';
import { proofSentence } from './proof.ts';
import { harmText } from './text.ts';
import { wrapText } from '../../../base/text-lines.ts';

const WIDTH = 72;

/** One finding as a paragraph. */
export function mailText(file: string, finding: Finding): string {
  const { says, because, bites, path } = finding;
  const way = path
    .slice(-3)
    .map(({ line, text }) => `${text} (line ${String(line)})`)
    .join(', then ');
  const explored = proofSentence(finding);
  return wrapText(
    `In ${file}, ${finding.function}(): ${says}. ${sentence(because)}${way === '' ? '' : ` The way there: ${way}.`} ${sentence(bites === 'letter' ? `harm: ${harmText(finding)}` : `this does harm on ${harmText(finding)}`)} To mend it, ${fixFor(finding)}.${explored === undefined ? '' : ` ${explored}`}`,
    WIDTH,
    0,
  ).join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
