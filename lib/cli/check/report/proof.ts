/**
 * What exploring a finding came to, in sentences.
 */
import type { Finding } from '../judge.ts';
import type { Proof, Tried } from '../proof/proof.ts';

const MOST_CHOICES = 8;
const MOST_OTHERS = 2;

/** What exploring came to, as a text without line breaks. */
export function proofText({ rule }: Finding, proof: Proof): string {
  switch (proof.kind) {
    case 'reached': {
      const as = proof.rule === rule ? '' : `, and the machine calls it ${proof.rule}`;
      return `a run reaches it${as}${choicesText(proof.choices)}`;
    }
    case 'not reached':
      return `no run reaches it; all were tried, with the values that ${proof.section} lists (${triedText(proof.tried)})`;
    case 'out of budget':
      return `no run has reached it, and not all were tried (${proof.why}; ${triedText(proof.tried)}); ${proof.section} is the section`;
    case 'not tried':
      return proof.why;
  }
}

/** The command that shows the run, if there is one. */
export function replayCommand(proof: Proof): string | undefined {
  return proof.kind === 'reached' ? `scatterlist replay ${proof.section} ${proof.schedule}` : undefined;
}

function choicesText(all: readonly string[]): string {
  if (all.length === 0) return ', whatever the values are';
  const choices = all.filter((one, at) => one !== all[at - 1]);
  const left = choices.length - MOST_CHOICES;
  const more = left > 0 ? `; and ${String(left)} more` : '';
  return `: ${choices.slice(0, MOST_CHOICES).join('; ')}${more}`;
}

function triedText({ runs, seconds, others }: Tried): string {
  const ended = others
    .slice(0, MOST_OTHERS)
    .map(
      ({ rule, place, runs: count }) =>
        `${String(count)} ended before in ${rule}${place === '' ? '' : ` at ${place}`}`,
    );
  return [`${String(runs)} ${runs === 1 ? 'run' : 'runs'}, ${seconds.toFixed(1)} s`, ...ended].join(', ');
}
