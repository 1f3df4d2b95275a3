/**
 * docs/rules.md, made from the rules' data.
 */
import { RULES } from '../../machine/rules.ts';
import { EXAMPLES } from './examples.ts';
import { endRules } from './index.ts';
import { lostWrite } from './lost-write.ts';

/** The document as text. */
export function rulesDocument(): string {
  const told = new Map<string, { readonly meaning: string; readonly example: string }>(
    [...endRules, lostWrite].map((rule) => [rule.id, rule]),
  );
  const sections = Object.entries(RULES).map(([id, rule]) => {
    const more = told.get(id);
    const example = more?.example ?? EXAMPLE_OF.get(id);
    const judged =
      more === undefined
        ? 'The checked machine reports it when it happens.'
        : 'The explorer reports it at the end of a schedule.';
    return [
      `## ${id}`,
      '',
      `${capital(rule.title)}.${more === undefined ? '' : ` ${more.meaning}`} ${judged}`,
      ...(example === undefined ? [] : ['', `Example: ${example}`]),
      '',
      `- Linux: ${rule.linux}`,
      `- Advice: ${rule.advice}`,
      '',
    ].join('\n');
  });
  return `${HEAD}\n${sections.join('\n')}`;
}

const EXAMPLE_OF = new Map<string, string>(Object.entries(EXAMPLES));

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const HEAD = `# Rules

Each report of a broken contract names one of these rules behind \`rule:\`. For each rule this page says what it means, which
check of a real kernel would detect the mistake, and what to do about it. \`tools/rules-doc.js\` makes this page from the data
of the rules, and a test fails if the page is out of date.
`;
