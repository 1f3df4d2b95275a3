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
        ? 'Judged by the checked machine when it happens.'
        : 'Judged by the explorer at the end of a schedule.';
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

What a report can name behind \`rule:\`, and which check of a real kernel would have seen it. This file is
made from the rules' data by \`tools/rules-doc.js\`; a test fails where it is out of date.
`;
