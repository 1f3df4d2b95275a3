/**
 * A page for each rule: what it means, an example that breaks it with the report of the explorer, what Linux sees, and the fix.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadC } from 'scatterlist/c';
import { explain, explore, formatReport, isDefinedProgram, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { ruleSections } from '../../lib/explore/rules/document.ts';
import type { RuleSection } from '../../lib/explore/rules/document.ts';
import { missingTool } from '../../lib/c/toolchain/tools.ts';
import { ROOT } from '../public-api.ts';
import { cell, fenced, table } from './markdown.ts';
import type { SitePage } from './page.ts';

const REPORT_COLUMNS = 100;

/** The list of rules, and a page for each. */
export async function rulePages(): Promise<readonly SitePage[]> {
  const sections = ruleSections();
  const pages: SitePage[] = [indexPage(sections)];
  for (const section of sections)
    pages.push({ path: `rules/${section.id}.md`, text: await rulePage(section) });
  return pages;
}

function indexPage(sections: readonly RuleSection[]): SitePage {
  const text = [
    '# Rules',
    '',
    'Each report of a broken contract names one of these rules behind `rule:`. The page of a rule has an example that breaks',
    'it, the report, what a real kernel would notice, and the fix.',
    '',
    ...table(
      ['rule', 'what is wrong'],
      sections.map(({ id, title }) => [`[${id}](/rules/${id}.md)`, cell(title)]),
    ),
    '',
  ];
  return { path: 'rules.md', text: text.join('\n') };
}

async function rulePage({ id, title, meaning, judged, linux, advice }: RuleSection): Promise<string> {
  return [
    `# ${id}`,
    '',
    `${cell(title)}. ${cell(meaning)} ${judged}`.replaceAll('  ', ' '),
    '',
    ...(await exampleOf(id)),
    '',
    '## What Linux sees',
    '',
    capital(cell(linux)),
    '',
    '## The fix',
    '',
    capital(cell(advice)),
    '',
    '[All rules](/rules.md)',
    '',
  ].join('\n');
}

/** The example, which is run here: the page shows the report that it leads to. */
async function exampleOf(id: string): Promise<readonly string[]> {
  const file = [`examples/rules/${id}.ts`, `examples/rules/${id}.c`].find((name) =>
    existsSync(join(ROOT, name)),
  );
  if (file === undefined) throw new Error(`the rule ${id} has no example`);
  const code = readFileSync(join(ROOT, file), 'utf8');
  const isC = file.endsWith('.c');
  const report = await reportOf(file, id);
  return [
    '## An example',
    '',
    ...fenced(`${isC ? 'c' : 'ts'}:line-numbers`, code),
    '',
    ...(isC
      ? ['Only C code can break this rule, so this is [C](/c.md). It needs clang.', '']
      : [`[Open it in the laboratory](/lab/index.html#example=${id}){target="_self"}`, '']),
    ...(report === undefined
      ? ['The report is shown where clang is installed when this page is made.']
      : [`\`scatterlist explore ${id}${isC ? '.c' : '.ts'}\` reports:`, '', ...fenced('text', report)]),
  ];
}

/** The report, or nothing if the example is C and there is no compiler. */
async function reportOf(file: string, id: string): Promise<string | undefined> {
  const path = join(ROOT, file);
  if (file.endsWith('.c')) return missingTool() === undefined ? tell(loadC(path), file, id) : undefined;
  const loaded: unknown = await import(pathToFileURL(path).href);
  if (
    typeof loaded !== 'object' ||
    loaded === null ||
    !('default' in loaded) ||
    !isDefinedProgram(loaded.default)
  )
    throw new Error(`${file} has no program as its default export`);
  return tell(loaded.default, file, id);
}

function tell<S extends object>(program: Program<S>, file: string, id: string): string {
  const outcome = explore(program);
  if (outcome.kind !== 'violation' || outcome.violation.rule !== id)
    throw new Error(
      `${file} ends with ${outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind}`,
    );
  const told = explain(program, parseSchedule(outcome.schedule));
  return formatReport(told, { width: REPORT_COLUMNS, file: basename(file) }).replaceAll(`${ROOT}/`, '');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
