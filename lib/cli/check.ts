/**
 * `scatterlist check`: reads kernel C, and judges its mapping sections by the contracts of the functions that map.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { wrapText } from '../base/text-lines.ts';
import { cachePlace, pruneHourly } from './check/cache.ts';
import { checkerFor } from './check/checker.ts';
import { MAPS } from './check/contracts/contract.ts';
import { Trees } from './check/harm/tree.ts';
import type { Finding } from './check/judge.ts';
import { contractsFor, namesOf } from './check/options.ts';
import type { CheckOptions } from './check/options.ts';
import { sarif } from './check/report/sarif.ts';
import { findingLines } from './check/report/text.ts';
import { mailText } from './check/report/mail.ts';
import { MOST_EXPLORED } from './check/proof/proof.ts';
import type { ProveOptions } from './check/proof/prove.ts';
import { checkFiles, filesOf } from './check/run.ts';
import type { Checked, CheckedFile, Running, Unreadable } from './check/run.ts';
import { diffSince, keyOf, notAmong, readDiff, textAt } from './check/since.ts';
import { readWrappers } from './check/wrappers.ts';
import { EXIT } from './exit-codes.ts';
import { budgetOf } from './explore/limits.ts';
import { checkReadable, checkWritable, readWithin, writeText } from './files.ts';
import { refuseRepeats } from './options.ts';
import { MANIFEST } from './package-root.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist check --help` prints. */
export const CHECK_HELP = `scatterlist check: judge the mapping sections of kernel C, without a compiler

  scatterlist check PATH...     C files, or directories with all that is in them
  git diff | scatterlist check -   the functions that a diff touches
  --since REV           only what the work tree adds to a revision, or repairs
  --convert FROM=kmap_local_page   what a conversion of kmap or kmap_atomic would break; the words
                        FROM,FROM=… convert both
  --notes               what is only suspected, too
  --page-tables         pte_offset_map and its relatives, too
  --wrappers FILE       functions of yours that map and unmap; a line reads
                        "my_map(0) my_unmap(0) like kmap_local_page"
  --baseline FILE       leave out what the file lists; --write-baseline FILE makes it
  --format text|kernel  as a compiler prints it, or as sentences for a mail
  --explore             look for a run that does what each error and warning says: its function is sliced out,
                        compiled and explored; needs clang. --explore-dir DIR (scatterlist-explored) is where
                        the sections are written; --budget N (10s): for each finding, so many seconds or runs
  --json                everything, for a program
  --sarif FILE          for tools of code review
  --no-cache            judge files anew that were judged before and have not changed

A comment "scatterlist: ok REASON" in the line, or alone in the line before, silences a finding.

Exit code 0: all was read, and no error was found. 1: an error, or a place that the conversion breaks.
2: wrong usage. 3: no error, but not all could be read or followed. 70: a bug in scatterlist itself.
`;

const MOST_BYTES = 64 * 2 ** 20;
const WIDTH = 80;

/** Runs the command and returns its exit code. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      since: { type: 'string' },
      convert: { type: 'string' },
      notes: { type: 'boolean', default: false },
      'page-tables': { type: 'boolean', default: false },
      wrappers: { type: 'string' },
      baseline: { type: 'string' },
      'write-baseline': { type: 'string' },
      format: { type: 'string', default: 'text' },
      json: { type: 'boolean', default: false },
      sarif: { type: 'string' },
      explore: { type: 'boolean', default: false },
      'explore-dir': { type: 'string' },
      budget: { type: 'string' },
      'no-cache': { type: 'boolean', default: false },
    },
  });
  refuseRepeats(tokens);
  if (values.format !== 'text' && values.format !== 'kernel')
    throw new UsageError(`--format takes text or kernel, not "${values.format}"`);
  if (values.json && values.format === 'kernel')
    throw new UsageError('--json and --format kernel exclude each other');
  checkWritable(values.sarif);
  checkWritable(values['write-baseline']);
  if (values.baseline !== undefined) checkReadable(values.baseline);
  const options: CheckOptions = {
    convert: convertOf(values.convert),
    pageTables: values['page-tables'],
    wrappers: values.wrappers === undefined ? [] : readWrappers(values.wrappers),
  };
  const exploring = exploringOf(values, options);
  const known = values.baseline === undefined ? [] : baselineOf(values.baseline);
  const cache = values['no-cache'] ? undefined : cachePlace(options);
  const { checked, repaired } = await checkedOf(positionals, values.since, { options, cache });
  if (cache !== undefined) pruneHourly(cache);
  const found = inTrees(withoutKnown(checked, known, values.notes));
  const told = exploring === undefined ? found : await withProofs(found, exploring);
  if (values['write-baseline'] !== undefined) writeText(values['write-baseline'], asBaseline(checked));
  if (values.sarif !== undefined)
    writeText(values.sarif, `${JSON.stringify(sarif(told.files, MANIFEST.version), undefined, 2)}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...told, repaired }, undefined, 2)}\n`);
  else process.stdout.write(asText(told, repaired, values.format, options));
  return exitCode(told);
}

/** How findings are explored, if they are. */
function exploringOf(
  values: { readonly explore: boolean; readonly 'explore-dir'?: string; readonly budget?: string },
  options: CheckOptions,
): ProveOptions | undefined {
  const { explore, 'explore-dir': folder = 'scatterlist-explored', budget = '10s' } = values;
  if (!explore) {
    if (values['explore-dir'] !== undefined || values.budget !== undefined)
      throw new UsageError('--explore-dir and --budget belong to --explore');
    return undefined;
  }
  if (options.convert.length > 0)
    throw new UsageError(
      '--explore looks at the code as it is; scatterlist convert-check explores a conversion',
    );
  const most = budgetOf(budget);
  if (most.schedules === 0 || most.milliseconds === 0)
    throw new UsageError(`--budget ${budget}: a run takes more than that; give 1 or more`);
  makeFolder(folder);
  return { folder, budget: most, maps: namesOf(contractsFor(options)) };
}

/** Makes the folder of the sections. */
function makeFolder(folder: string): void {
  try {
    makeEach(resolve(folder));
    checkWritable(join(folder, 'section.c'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = /EEXIST|ENOTDIR/.test(code) ? 'a file has this name' : 'a folder cannot be written there';
    throw new UsageError(`--explore-dir ${folder}: ${why}`);
  }
}

// One after the other: with `recursive`, Node goes on for ever where a folder cannot be made.
function makeEach(folder: string): void {
  if (existsSync(folder)) {
    readdirSync(folder);
    return;
  }
  makeEach(dirname(folder));
  mkdirSync(folder);
}

async function withProofs(found: Checked, options: ProveOptions): Promise<Checked> {
  // The explorer takes longer to load than a file to check.
  const { explored } = await import('./check/proof/explored.ts');
  const isShown = process.stderr.isTTY;
  const files = await explored(found.files, options, (done, of) => {
    if (isShown)
      process.stderr.write(
        done === of ? '\r\x1b[K' : `\rexploring finding ${String(done + 1)} of ${String(of)} `,
      );
  });
  return { ...found, files };
}

function convertOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const [from = '', to] = text.split('=');
  const names = from.split(',');
  const wrong = names.filter(
    (name) => !MAPS.some((map) => map.name === name) || !/^kmap(?:_atomic)?$/.test(name),
  );
  if (to !== 'kmap_local_page' || wrong.length > 0)
    throw new UsageError(
      `--convert takes kmap=kmap_local_page, kmap_atomic=kmap_local_page or kmap,kmap_atomic=kmap_local_page, not "${text}"`,
    );
  return names;
}

interface Ran {
  readonly checked: Checked;
  /** What a change repairs; only with --since. */
  readonly repaired: readonly { readonly file: string; readonly finding: Finding }[];
}

async function checkedOf(
  paths: readonly string[],
  since: string | undefined,
  running: Running,
): Promise<Ran> {
  if (since !== undefined) {
    if (paths.length > 0) throw new UsageError('--since looks at the work tree; it takes no path');
    return changedSince(since, running);
  }
  if (paths.length === 0)
    throw new UsageError('check needs a file, a directory, - for a diff, or --since REV');
  if (paths.includes('-')) {
    if (paths.length > 1) throw new UsageError('- stands alone: a diff names its files itself');
    const diff = Buffer.from(readWithin('/dev/stdin', MOST_BYTES)).toString('latin1');
    if (diff.trim() !== '' && !/^(?:diff |\+\+\+ )/m.test(diff))
      throw new UsageError('standard input is no diff in the unified form, as git diff writes it');
    return { checked: await touched(diff, running), repaired: [] };
  }
  const found = filesOf(paths);
  if (found.files.length === 0) throw new UsageError(`no C file is in ${paths.join(', ')}`);
  const tell = (done: number, of: number): void => {
    process.stderr.write(`\r${String(done)} of ${String(of)} files ${done === of ? '\r\x1b[K' : ''}`);
  };
  const checked = await checkFiles(found, process.stderr.isTTY ? { ...running, tell } : running);
  return { checked, repaired: [] };
}

async function touched(diff: string, running: Running): Promise<Checked> {
  const changed = readDiff(diff);
  for (const { file } of changed) checkReadable(file);
  const checked = await checkFiles({ files: changed.map(({ file }) => file), unreadable: [] }, running);
  return {
    ...checked,
    files: checked.files.map((each) => {
      const pieces = changed.find(({ file }) => file === each.file)?.pieces ?? [];
      return {
        ...each,
        findings: each.findings.filter(({ lines: [first, last] }) =>
          pieces.some(([from, to]) => from <= last && to >= first),
        ),
      };
    }),
  };
}

async function changedSince(revision: string, { options, cache }: Running): Promise<Ran> {
  const changed = readDiff(diffSince(revision));
  const check = checkerFor(options, cache);
  const files: CheckedFile[] = [];
  const unreadable: Unreadable[] = [];
  const repaired: { readonly file: string; readonly finding: Finding }[] = [];
  for (const { file } of changed) {
    const now = await check.file(file);
    if (now !== undefined && 'why' in now) {
      unreadable.push({ file, why: now.why });
      continue;
    }
    const before = textAt(revision, file);
    const old = before === undefined ? undefined : await check.text(before, file);
    for (const finding of notAmong(old?.findings ?? [], now?.findings ?? []))
      repaired.push({ file, finding });
    if (now !== undefined)
      files.push({ ...now, file, findings: notAmong(now.findings, old?.findings ?? []) });
  }
  return { checked: { files, read: changed.length, unreadable }, repaired };
}

function withoutKnown(checked: Checked, known: readonly string[], notes: boolean): Checked {
  const among = new Set(known);
  return {
    ...checked,
    files: checked.files.map((each) => ({
      ...each,
      findings: each.findings.filter(
        (finding) => (notes || finding.sureness !== 'note') && !among.has(`${each.file} ${keyOf(finding)}`),
      ),
    })),
  };
}

// Where a tree says that a file is never built with highmem, what needs it does no harm.
function inTrees(checked: Checked): Checked {
  const trees = new Trees();
  const told = ({ file, findings }: CheckedFile): readonly Finding[] => {
    if (!findings.some(({ bites }) => bites === 'highmem')) return findings;
    const why = trees.withoutHighmem(file);
    return why === undefined
      ? findings
      : findings.map((each) =>
          each.bites === 'highmem' ? { ...each, bites: 'letter', bitesBecause: why } : each,
        );
  };
  return { ...checked, files: checked.files.map((each) => ({ ...each, findings: told(each) })) };
}

function asBaseline({ files }: Checked): string {
  const keys = files.flatMap(({ file, findings }) => findings.map((finding) => `${file} ${keyOf(finding)}`));
  return `${JSON.stringify({ findings: keys.sort() }, undefined, 2)}\n`;
}

function baselineOf(file: string): readonly string[] {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(readWithin(file, MOST_BYTES)).toString('utf8'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
  }
  if (typeof read === 'object' && read !== null && 'findings' in read && Array.isArray(read.findings)) {
    const { findings }: { readonly findings: readonly unknown[] } = { findings: read.findings };
    return findings.map(String);
  }
  throw new UsageError(`${file}: it is not a list that --write-baseline has made`);
}

function asText(checked: Checked, repaired: Ran['repaired'], format: string, options: CheckOptions): string {
  const out: string[] = [];
  for (const { file, findings } of checked.files) {
    if (findings.length === 0) continue;
    const lines = readFileSync(file, 'latin1').split('\n');
    for (const finding of findings)
      out.push(
        format === 'kernel' ? mailText(file, finding) : findingLines(file, finding, lines).join('\n'),
        '',
      );
  }
  for (const { file, finding } of repaired)
    out.push(
      ...wrapText(`${file}: repaired: ${finding.rule} in ${finding.function}: ${finding.says}`, WIDTH),
      '',
    );
  return `${out.join('\n')}${out.length === 0 ? '' : '\n'}${summary(checked, options)}\n`;
}

function summary({ files, read, unreadable }: Checked, { convert }: CheckOptions): string {
  const sum = (count: (file: CheckedFile) => number): number =>
    files.reduce((total, file) => total + count(file), 0);
  const of = (sureness: string): number =>
    sum(({ findings }) => findings.filter((finding) => finding.sureness === sureness).length);
  const unread = files.flatMap(({ file, unread: names }) => names.map((name) => `${file}: ${name}`));
  const bounded = files.flatMap(({ file, bounded: names }) => names.map((name) => `${file}: ${name}`));
  const silenced = sum((file) => file.silenced);
  return (
    [
      `${many(of('error'), 'error')}, ${many(of('warning'), 'warning')}${of('note') === 0 ? '' : `, ${many(of('note'), 'note')}`} in ${functions(sum((file) => file.checked))}, of ${many(read, 'file')}${convert.length === 0 ? '' : `, with ${convert.join(' and ')} as kmap_local_page`}`,
      ...(silenced === 0 ? [] : [`${many(silenced, 'finding')} silenced by a comment`]),
      ...exploredLines(files),
      ...listed(
        'not judged',
        'file',
        unreadable.map(({ file, why }) => `${file}: ${why}`),
      ),
      ...listed('not judged whole, because it could not be read whole', 'function', unread),
      ...listed('not judged whole, because not all of its many ways were followed', 'function', bounded),
    ]
      // The names of files are left whole.
      .flatMap((line) => (line.startsWith('  ') ? [line] : wrapText(line, WIDTH)))
      .join('\n')
  );
}

/** How many findings were explored, and what that came to. */
function exploredLines(files: readonly CheckedFile[]): readonly string[] {
  const findings = files.flatMap((file) => file.findings);
  const kinds = findings.flatMap(({ proof }) => (proof === undefined ? [] : [proof.kind]));
  if (kinds.length === 0) return [];
  const count = (kind: string): string => String(kinds.filter((one) => one === kind).length);
  const left = findings.filter(({ proof, sureness }) => proof === undefined && sureness !== 'note').length;
  return [
    `explored ${many(kinds.length, 'finding')}: ${count('reached')} done by a run, ${count('not reached')} done by no run, ${count('out of budget')} not decided within the budget, ${count('not tried')} not explored`,
    ...(left === 0
      ? []
      : [`${many(left, 'finding')} left out: ${String(MOST_EXPLORED)} are explored at most`]),
  ];
}

function functions(count: number): string {
  return count === 1 ? '1 function that maps or unmaps' : `${String(count)} functions that map or unmap`;
}

const MOST_LISTED = 10;

function listed(what: string, thing: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const rest = names.length - MOST_LISTED;
  return [
    `${many(names.length, thing)} ${what}:`,
    ...names.slice(0, MOST_LISTED).map((name) => `  ${name}`),
    ...(rest > 0 ? [`  and ${String(rest)} more; --json lists them all`] : []),
  ];
}

function many(count: number, word: string): string {
  return `${String(count)} ${word}${count === 1 ? '' : 's'}`;
}

function exitCode({ files, unreadable }: Checked): number {
  if (files.some(({ findings }) => findings.some(({ sureness }) => sureness === 'error')))
    return EXIT.violation;
  return unreadable.length > 0 || files.some(({ unread, bounded }) => unread.length + bounded.length > 0)
    ? EXIT.outOfBudget
    : EXIT.exhausted;
}
