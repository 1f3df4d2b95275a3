/**
 * What exploring a finding came to, in sentences.
 */
import { basename } from 'node:path';
import type { Finding } from '../judge.ts';
import type { Proof, Tried } from '../proof/proof.ts';

const MOST_CHOICES = 8;
const MOST_OTHERS = 2;

/** What exploring came to, as a text without line breaks. */
export function proofText({ rule }: Finding, proof: Proof): string {
  switch (proof.kind) {
    case 'reached': {
      const as = proof.rule === rule ? '' : `, which the machine calls ${proof.rule}`;
      return `a run of this code does it${as}${choicesText(proof.choices)}`;
    }
    case 'not reached':
      return `no run of this code does it, with the values that ${proof.section} tries; all runs were tried (${triedText(proof.tried)}). It may need a value that is not among them: add it there, and run scatterlist explore on it`;
    case 'out of budget':
      return `no run has done it so far, and runs are left (${proof.why}; ${triedText(proof.tried)}). Give it more, such as --budget 60s, or fewer values in ${proof.section}`;
    case 'not tried':
      return proof.section === undefined
        ? proof.why
        : `${proof.why}. To explore it all the same, complete ${proof.section} by hand, and run scatterlist explore on it`;
  }
}

/** The same as a sentence of a mail; none where exploring says nothing. */
export function proofSentence(finding: Finding): string | undefined {
  const { proof } = finding;
  if (proof?.kind === 'reached')
    return `A run of the compiled function in a simulated kernel does this${choicesText(proof.choices)}.`;
  if (proof?.kind === 'not reached')
    return `In a simulated kernel no run of the compiled function does this, with the values that were tried.`;
  return undefined;
}

/** The command that shows the run, if there is one. */
export function replayCommand(proof: Proof): string | undefined {
  return proof.kind === 'reached' ? `scatterlist replay ${proof.section} ${proof.schedule}` : undefined;
}

function choicesText(all: readonly string[]): string {
  if (all.length === 0) return ', whatever the values are';
  const choices = [...new Set(all.map(inWords))];
  const left = choices.length - MOST_CHOICES;
  const more = left > 0 ? `; and ${String(left)} more` : '';
  return ` where ${choices.slice(0, MOST_CHOICES).join('; ')}${more}`;
}

/** What the section calls `the_length` is the argument `length`, and `it->flags` a member `flags`. */
function inWords(choice: string): string {
  return choice
    .replace(/^the_(\w+)/, 'argument $1')
    .replace(/^it->/, 'member ')
    .replace(/^(buffer|page), (\d+) bytes at (\d+), is/, 'byte $3 of a $1, read as $2 bytes, is')
    .replace(/read as 1 bytes/, 'read alone');
}

function triedText({ runs, seconds, others }: Tried): string {
  const ended = others
    .slice(0, MOST_OTHERS)
    .map(
      ({ rule, place, runs: count }) =>
        `${String(count)} of them ended before, in ${rule}${place === '' ? '' : ` at ${basename(place)}`}`,
    );
  return [`${String(runs)} ${runs === 1 ? 'run' : 'runs'} in ${seconds.toFixed(1)} s`, ...ended].join(', ');
}
