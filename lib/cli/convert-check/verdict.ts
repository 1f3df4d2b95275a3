/**
 * What a conversion changed: the outcomes of a section before and after it, compared.
 */
import type { Outcome } from 'scatterlist/explore';
import { EXIT } from '../exit-codes.ts';
import { siteText } from '../source-lines.ts';
import { conversionText } from './conversion.ts';
import type { Conversion, Keep } from './conversion.ts';

/** What was found before and after. */
export interface Outcomes {
  readonly before: Outcome;
  readonly after: Outcome;
}

/**
 * What the conversion changed: nothing, it breaks a rule that was kept, it keeps a rule that was broken, it breaks
 * another one, or not enough was explored to say.
 */
export type Change = 'none' | 'breaks' | 'repairs' | 'breaks another' | 'unknown';

/** Compares the outcomes. */
export function changeOf({ before, after }: Outcomes): Change {
  if (before.kind === 'violation' && after.kind === 'violation') {
    const isSame = before.violation.rule === after.violation.rule && placeOf(before) === placeOf(after);
    return isSame ? 'none' : 'breaks another';
  }
  if (after.kind === 'violation') return before.kind === 'exhausted' ? 'breaks' : 'unknown';
  if (before.kind === 'exhausted' && after.kind === 'exhausted') return 'none';
  return before.kind === 'violation' && after.kind === 'exhausted' ? 'repairs' : 'unknown';
}

/** The exit code is that of the converted section. */
export function codeOf(after: Outcome): number {
  return EXIT[after.kind];
}

function placeOf(outcome: Outcome): string {
  const site = outcome.kind === 'violation' ? outcome.violation.foundAt : undefined;
  return site === undefined || site.file === '' ? '' : siteText(site);
}

function lineOf(outcome: Outcome): string {
  const { schedules, milliseconds } = outcome.counts;
  const counts = `${String(schedules)} schedules, ${(milliseconds / 1000).toFixed(2)} s`;
  switch (outcome.kind) {
    case 'violation': {
      const place = placeOf(outcome);
      return `${outcome.violation.rule}${place === '' ? '' : ` at ${place}`} (${counts})`;
    }
    case 'exhausted':
      return `no rule is broken, explored to the end (${counts})`;
    case 'outOfBudget':
      return `nothing found, but not everything was tried: ${outcome.limit} (${counts})`;
    case 'nondeterministic':
      return `the section is not deterministic: ${outcome.what}`;
  }
}

const SENTENCES: Readonly<Record<Change, string>> = {
  none: 'The conversion changes nothing here: both variants have the same verdict.',
  breaks: 'The conversion breaks the section. The schedule below is the one that tells the variants apart.',
  repairs: 'The conversion is right here: it even removes what was wrong before.',
  'breaks another':
    'Both variants break a rule, but not the same one. The schedule below is that of the converted one.',
  unknown: 'Not enough was explored to compare the variants: a larger --budget may do.',
};

/** What is told of both, before the report of the converted section. */
export function verdictText(
  file: string,
  conversion: Conversion,
  outcomes: Outcomes,
  enough: readonly Keep[] | undefined,
): string {
  const lines = [
    `${file}: ${conversionText(conversion)}`,
    '',
    `  before  ${lineOf(outcomes.before)}`,
    `  after   ${lineOf(outcomes.after)}`,
    '',
    SENTENCES[changeOf(outcomes)],
  ];
  if (enough !== undefined) {
    const names = enough.map((one) => `${one}_disable()`).join(' and ');
    lines.push(`With ${names} around each map it breaks no rule: --keep ${enough.join(',')}.`);
  }
  return `${lines.join('\n')}\n`;
}
