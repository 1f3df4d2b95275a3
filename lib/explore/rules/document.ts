/**
 * docs/rules.md, made from the rules' data.
 */
import { RULES } from '../../machine/rules.ts';
import type { RuleId } from '../../machine/rules.ts';
import { EXAMPLES } from './examples.ts';
import { endRules } from './index.ts';
import { lostWrite } from './lost-write.ts';

/** What is said of one rule. */
export interface RuleSection {
  readonly id: RuleId;
  readonly title: string;
  /** Empty if the title says it all. */
  readonly meaning: string;
  /** When it is reported. */
  readonly judged: string;
  readonly example: string;
  readonly linux: string;
  readonly advice: string;
}

/** Every rule, in the order of `RULES`. */
export function ruleSections(): readonly RuleSection[] {
  const told = new Map<string, { readonly meaning: string; readonly example: string }>(
    [...endRules, lostWrite].map((rule) => [rule.id, rule]),
  );
  return RULE_IDS.map((id) => {
    const more = told.get(id);
    const { title, linux, advice } = RULES[id];
    return {
      id,
      title: capital(title),
      meaning: more?.meaning ?? '',
      judged:
        more === undefined
          ? 'The checked machine reports it when it happens.'
          : 'The explorer reports it at the end of a schedule.',
      example: more?.example ?? EXAMPLES[id] ?? '',
      linux,
      advice,
    };
  });
}

/** The document as text. */
export function rulesDocument(): string {
  const sections = ruleSections().map(({ id, title, meaning, judged, example, linux, advice }) =>
    [
      `## ${id}`,
      '',
      `${title}.${meaning === '' ? '' : ` ${meaning}`} ${judged}`,
      ...(example === '' ? [] : ['', `Example: ${example}`]),
      '',
      `- Linux: ${linux}`,
      `- Advice: ${advice}`,
      '',
    ].join('\n'),
  );
  return `${HEAD}\n${sections.join('\n')}`;
}

function isRule(id: string): id is RuleId {
  return id in RULES;
}

const RULE_IDS: readonly RuleId[] = Object.keys(RULES).filter(isRule);

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const HEAD = `# Rules

Each report of a broken contract names one of these rules behind \`rule:\`. For each rule this page says what it means, which
check of a real kernel would detect the mistake, and what to do about it. \`tools/rules-doc.js\` makes this page from the data
of the rules, and a test fails if the page is out of date.
`;
