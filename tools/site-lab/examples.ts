/**
 * Collects the programs that the laboratory page offers: examples, ports, and the bugs of the test suite.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import type { ExampleEntry, ProgramText } from '../../site/lab/session/program.ts';
import { importsOf } from '../imports.ts';
import { ROOT } from '../public-api.ts';
import { bugProgram } from './bug-program.ts';

/** What a page cannot import: Node, packages, C. */
const NOT_IN_A_PAGE = /^(node:|scatterlist\/c$)|^(?!scatterlist($|\/))[^.]/;

/** What the program of a spec does without. */
const OF_TESTS = /^(chai|\.\/support\.ts)$/;

/** All programs, in the order in which they are offered. */
export function collectExamples(): readonly ExampleEntry[] {
  return [
    ...programsIn('examples/explore', 'start'),
    ...programsIn('examples/rules', 'rule'),
    ...portsIn('examples/drivers'),
    ...entryOf('examples/own-port.ts', 'port'),
    ...bugsIn('test/bugs'),
    ...programsIn('examples/exhibits', 'example'),
  ];
}

function programsIn(folder: string, group: ExampleEntry['group']): readonly ExampleEntry[] {
  return filesIn(folder, /\.ts$/).flatMap((file) => entryOf(file, group));
}

function portsIn(folder: string): readonly ExampleEntry[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => file.endsWith('.ts') && /export default definePort/.test(read(file)))
    .sort()
    .flatMap((file) => entryOf(file, 'port'));
}

function bugsIn(folder: string): readonly ExampleEntry[] {
  return filesIn(folder, /\.spec\.ts$/).flatMap((file) => {
    const made = bugProgram(read(file));
    if (made === undefined) return [];
    const path = file.replace('.spec.ts', '.ts');
    const files = besideOf(file);
    if (files === undefined) return [];
    return [entry({ file: path, text: made.text, ...files }, 'bug', made.rule)];
  });
}

function entryOf(file: string, group: ExampleEntry['group']): readonly ExampleEntry[] {
  const text = read(file);
  const files = besideOf(file);
  if (files === undefined) return [];
  const rule = group === 'rule' ? nameOf(file) : undefined;
  return [entry({ file, text, ...files }, group, rule)];
}

function entry(program: ProgramText, group: ExampleEntry['group'], rule: string | undefined): ExampleEntry {
  const name = nameOf(program.file);
  return {
    name,
    title: name.replaceAll('-', ' '),
    group,
    about: aboutOf(program.text),
    ...(rule !== undefined && { rule }),
    program,
  };
}

/** The files that a program imports, and those that they import; `undefined` if a page cannot have one of them. */
function besideOf(file: string): Pick<ProgramText, 'files'> | undefined {
  const files: Record<string, string> = {};
  const visit = (from: string): boolean =>
    importsOf(from).every(({ specifier, target, typeOnly }) => {
      if (typeOnly || target in files || OF_TESTS.test(specifier)) return true;
      if (!specifier.startsWith('.')) return !NOT_IN_A_PAGE.test(specifier);
      if (!existsSync(join(ROOT, target)) || !/^(examples|test\/bugs)\//.test(target)) return false;
      files[target] = read(target);
      return visit(target);
    });
  if (!visit(file)) return undefined;
  return Object.keys(files).length === 0 ? {} : { files };
}

/** The first sentence of the first comment that is prose. */
function aboutOf(text: string): string {
  const block = /\/\*\*\s*\n((?:\s*\*.*\n)+?)\s*\*\//.exec(text)?.[1]?.replaceAll(/^\s*\* ?/gm, '');
  const lines = /(?:^\/\/ .*\n)+/m.exec(text)?.[0].replaceAll(/^\/\/ /gm, '');
  const prose = (text.startsWith('/**') ? block : (lines ?? block)) ?? '';
  const [paragraph = ''] = prose.trim().split(/\n\s*\n/);
  // An example of a rule begins with the name of the rule.
  const said = paragraph.replaceAll(/\s+/g, ' ').replace(/^[a-z-]+: /, '');
  const [sentence = ''] = /^.*?[.:](?=\s|$)/.exec(said) ?? [];
  return sentence.replace(/:$/, '.');
}

function nameOf(file: string): string {
  return basename(file, '.ts');
}

function filesIn(folder: string, which: RegExp): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder))
    .filter((name) => which.test(name))
    .sort()
    .map((name) => posix.join(folder, name));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
