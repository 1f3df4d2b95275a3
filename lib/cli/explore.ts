/**
 * `scatterlist explore` and `scatterlist replay`: a user's own program, in every order.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { explorerOf, isDefinedProgram, mergeOutcomes, parseSchedule, printable } from 'scatterlist/explore';
import type {
  Counts,
  DefinedProgram,
  ExploreOptions,
  Outcome,
  OutOfBudget,
  Strategy,
} from 'scatterlist/explore';
import { checkReadable, checkWritable, readWithin } from './files.ts';
import { numberOf, refuseRepeats } from './options.ts';
import { UsageError, isUsersMistake } from './usage-error.ts';

/** What `scatterlist explore --help` prints. */
export const EXPLORE_HELP = `scatterlist explore: run a program in every order of events, report the first that breaks a rule

  scatterlist explore FILE     a module whose default export is defineProgram({ … })
  --strategy NAME       exhaustive (default), brute, bound:N, random[:SEED], pct[:SEED], round-robin, determinism
  --budget N            stop after N schedules, or after N seconds where it ends in s (default 60s)
  --trace FILE          write the schedule found for Perfetto (ui.perfetto.dev) or chrome://tracing
  --html FILE           write it as one page
  --workers N           divide the search among N processes
  --shard I/N           explore part I (from 1) of N only; with --json, merge the parts by --merge
  --merge FILE...       no program: merge the reports of shards
  --json                the outcome, for a program

Exit code 0: explored to the end, nothing found. 1: a rule is broken. 2: wrong usage, or the program cannot be
explored, because it is not deterministic. 3: nothing found, and not everything was tried.
`;

/** What `scatterlist replay --help` prints. */
export const REPLAY_HELP = `scatterlist replay: run one schedule of a program and tell it step by step

  scatterlist replay FILE SCHEDULE     both as a report prints them
  --trace FILE, --html FILE            as for explore

Exit code 0: no rule is broken. 1: one is. 2: wrong usage, or the schedule does not fit the program.
`;

const WIDTH = 110;

/** Loads a program; TypeScript through tsx, if the program's project has it. */
async function load(file: string | undefined): Promise<DefinedProgram> {
  if (file === undefined) throw new UsageError('which program? name its file');
  checkReadable(file);
  const path = resolve(file);
  if (/\.[cm]?ts$/.test(path)) await acceptTypeScript(path);
  const module = await importModule(pathToFileURL(path).href).catch((error: unknown) => {
    throw failed(file, 'cannot be loaded', error);
  });
  const program: unknown = 'default' in module ? module.default : undefined;
  if (!isDefinedProgram(program))
    throw new UsageError(
      `the default export of ${file} is not a program: export default defineProgram({ … })`,
    );
  return program;
}

async function importModule(url: string): Promise<object> {
  const module: unknown = await import(url);
  if (typeof module !== 'object' || module === null) throw new UsageError(`${url} is not a module`);
  return module;
}

/** An error that the user's program threw outside a schedule, and its place. */
function failed(file: string, how: string, error: unknown): unknown {
  if (isUsersMistake(error)) return error;
  if (!(error instanceof Error)) return new UsageError(`${file} ${how}: it threw ${String(error)}`);
  const [, place] = /\n +at (?:.*\()?(?:file:\/\/)?([^()\n]+:\d+:\d+)\)?/.exec(error.stack ?? '') ?? [];
  // By name, because the program may have a copy of the library of its own.
  if (error.name === 'InvariantError') return error;
  const where = place === undefined || error.name === 'ConfigError' ? '' : ` (at ${place})`;
  return new UsageError(`${file} ${how}: ${error.name}: ${error.message}${where}`);
}

/** Runs a function on a loaded program; an error of the program's set-up is reported as an error of the file. */
function running<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failed(file, 'cannot be run', error);
  }
}

async function acceptTypeScript(path: string): Promise<void> {
  if (process.execArgv.some((arg) => arg.includes('tsx'))) return;
  let loader: string;
  try {
    // A require resolves to the CommonJS build, whose register looks for its other half in the wrong folder.
    loader = createRequire(path)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs');
  } catch {
    // A runtime that strips types needs no loader; any other says what is wrong.
    return;
  }
  const api = await importModule(pathToFileURL(loader).href);
  if ('register' in api && isCallable(api.register)) api.register();
}

function isCallable(value: unknown): value is () => unknown {
  return typeof value === 'function';
}

const NUMBERED: ReadonlySet<string> = new Set(['bound', 'random', 'pct']);

function strategyOf(text: string, program: DefinedProgram): Strategy {
  const { exhaustive, pct, preemptionBound, random, roundRobin } = explorerOf(program);
  const [name = '', argument] = text.split(/:(.*)/s);
  if (argument !== undefined && !NUMBERED.has(name))
    throw new UsageError(`--strategy ${name} takes no number, not "${argument}"`);
  const number = argument === undefined ? 1 : numberOf(`--strategy ${name}:N`, argument, 0, 2 ** 32 - 1);
  switch (name) {
    case 'exhaustive':
      return exhaustive();
    case 'brute':
      return exhaustive({ sleepSets: false, visited: false });
    case 'bound':
      return preemptionBound(number);
    case 'random':
      return random({ seed: number, schedules: Infinity });
    case 'pct':
      return pct({ seed: number, schedules: Infinity });
    case 'round-robin':
      return roundRobin();
    default:
      throw new UsageError(`no strategy "${name}"; --help lists them`);
  }
}

function budgetOf(text: string): NonNullable<ExploreOptions['budget']> {
  const match = /^(\d{1,15})(s?)$/.exec(text);
  if (match === null)
    throw new UsageError(`--budget takes a number of schedules or of seconds (60s), not ${text}`);
  const amount = Number(match[1]);
  return match[2] === 's' ? { milliseconds: amount * 1000 } : { schedules: amount };
}

function shardOf(text: string): { readonly index: number; readonly count: number } {
  const [, first = '', of = ''] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const [index, count] = [Number(first), Number(of)];
  if (index < 1 || index > count)
    throw new UsageError(`--shard takes I/N with I from 1 to N, and N to 9999, not ${text}`);
  return { index: index - 1, count };
}

/** A line that says how far it is: a guess of the time left only where it is within a day. */
export function progressLine(counts: Counts, part: number | undefined, most: number): string {
  const seconds = counts.milliseconds / 1000;
  const percent = part === undefined ? '' : `${(100 * part).toFixed(1)} %, `;
  const text = `${percent}${String(counts.schedules)} schedules, ${String(counts.states)} states, ${seconds.toFixed(1)} s`;
  if (part === undefined || part <= 0) return text;
  const guess = seconds / part - seconds;
  const bound = Math.max(0, most / 1000 - seconds);
  if (Math.min(guess, bound) > DAY_SECONDS) return text;
  return `${text}, ${guess > bound ? 'at most' : 'about'} ${String(Math.ceil(Math.min(guess, bound)))} s left`;
}

const DAY_SECONDS = 86_400;

/** Runs `scatterlist explore`. */
export async function explore(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      strategy: { type: 'string', default: 'exhaustive' },
      budget: { type: 'string', default: '60s' },
      trace: { type: 'string' },
      html: { type: 'string' },
      shard: { type: 'string' },
      workers: { type: 'string' },
      merge: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  refuseRepeats(tokens);
  refuseIgnored(tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : [])));
  checkWritable(values.trace);
  checkWritable(values.html);
  if (values.merge) return report(undefined, merged(positionals), values, '');
  const [file = '', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one program at a time; what is "${rest.join(' ')}"?`);
  const program = await load(file === '' ? undefined : file);
  const outcome =
    values.workers === undefined
      ? running(file, () => runOne(program, values))
      : await runWorkers(file, numberOf('--workers', values.workers, 1, MOST_WORKERS), values.budget);
  return report(program, outcome, values, file);
}

const MOST_WORKERS = 256;

/** Options that cannot be combined. They are refused, because ignoring one would look as if it had taken effect. */
function refuseIgnored(given: readonly string[]): void {
  const beside: readonly (readonly [string, readonly string[]])[] = [
    ['merge', ['strategy', 'budget', 'trace', 'html', 'workers', 'shard']],
    ['workers', ['strategy', 'shard']],
    ['shard', ['strategy']],
  ];
  for (const [option, others] of beside) {
    const other = others.find((name) => given.includes(name));
    if (given.includes(option) && other !== undefined)
      throw new UsageError(`--${option} and --${other}: one or the other`);
  }
}

function runOne(
  program: DefinedProgram,
  values: { readonly strategy: string; readonly budget: string; readonly shard?: string | undefined },
): Outcome {
  const api = explorerOf(program);
  const budget = budgetOf(values.budget);
  if (values.strategy === 'determinism') return api.checkDeterminism(program, budget);
  let strategy = strategyOf(values.strategy, program);
  if (values.shard !== undefined) {
    const { index, count } = shardOf(values.shard);
    strategy = api.exhaustive({ prefixes: api.shard(api.frontier(program, 8 * count), index, count) });
  }
  const outcome = api.explore(program, strategy, {
    budget,
    onProgress: (counts, part) => {
      if (!process.stderr.isTTY) return;
      process.stderr.write(`\r\x1b[K${progressLine(counts, part, budget.milliseconds ?? Infinity)}`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return outcome;
}

// Each worker is this command with one shard to explore, so the shards can also run on several machines.
async function runWorkers(file: string, workers: number, budget: string): Promise<Outcome> {
  const run = promisify(execFile);
  const [, command = ''] = process.argv;
  const parts = await Promise.all(
    Array.from({ length: workers }, async (_, i) => {
      const shard = `${String(i + 1)}/${String(workers)}`;
      const args = [command, 'explore', file, '--json', '--shard', shard, '--budget', budget];
      const child = run(process.execPath, [...process.execArgv, ...args], { maxBuffer: MOST_REPORT_BYTES });
      return outcomeOf(await child.then(({ stdout }) => stdout, outputOfFailure), shard);
    }),
  );
  return worst(parts);
}

// A worker that found something ends with 1; one that refuses its command line says why.
function outputOfFailure(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error)) throw error;
  if (error.code === 2)
    throw new UsageError(
      String(error.stderr)
        .trim()
        .replace(/^scatterlist: /, ''),
    );
  return String(error.stdout);
}

const MOST_REPORT_BYTES = 2 ** 26;

function merged(files: readonly string[]): Outcome {
  return worst(
    files.map((file) => outcomeOf(new TextDecoder().decode(readWithin(file, MOST_REPORT_BYTES)), file)),
  );
}

function worst(outcomes: readonly Outcome[]): Outcome {
  const outcome = mergeOutcomes(outcomes);
  if (outcome === undefined) throw new UsageError('nothing to merge');
  return outcome;
}

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null || !('kind' in value && 'counts' in value)) return false;
  if (!Object.hasOwn(EXIT, String(value.kind)) || !('unseen' in value && Array.isArray(value.unseen)))
    return false;
  return typeof value.counts === 'object' && value.counts !== null;
}

function outcomeOf(text: string, from: string): Outcome {
  const value = parse(text);
  if (!isOutcome(value)) throw new UsageError(`${from}: it is no report of scatterlist explore --json`);
  return value;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

interface Output {
  readonly trace?: string | undefined;
  readonly html?: string | undefined;
  readonly json?: boolean;
}

const EXIT = { exhausted: 0, violation: 1, nondeterministic: 2, outOfBudget: 3 } as const;

function report(program: DefinedProgram | undefined, outcome: Outcome, output: Output, file: string): number {
  if (output.json === true) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else process.stdout.write(printable(describe(program, outcome, file)));
  if (outcome.kind === 'violation' && program !== undefined) write(program, outcome.schedule, output, file);
  return EXIT[outcome.kind];
}

function describe(program: DefinedProgram | undefined, outcome: Outcome, file: string): string {
  const { schedules, steps, states, pruned, milliseconds } = outcome.counts;
  const counts = `${String(schedules)} schedules, ${String(steps)} steps, ${String(states)} states, ${String(pruned)} cut short, ${(milliseconds / 1000).toFixed(2)} s (${outcome.strategy})\n`;
  switch (outcome.kind) {
    case 'exhausted':
      return `No rule is broken: explored to the end. ${counts}${unseen(outcome)}`;
    case 'outOfBudget':
      return `${shortOf(outcome)}; nothing is proven. ${counts}${unseen(outcome)}`;
    case 'nondeterministic':
      return `The program is not deterministic: ${outcome.what}. Schedule '${outcome.schedule}'. ${counts}`;
    case 'violation': {
      if (program === undefined)
        return `${outcome.violation.rule}: ${outcome.violation.what}. Schedule '${outcome.schedule}'. ${counts}`;
      const { explain, formatReport } = explorerOf(program);
      const told = explain(program, parseSchedule(outcome.schedule));
      return `${formatReport(told, { width: process.stdout.columns ?? WIDTH, file })}  ${counts}${stopped(outcome)}`;
    }
  }
}

function stopped({ shrinkingStopped }: Outcome & { readonly kind: 'violation' }): string {
  return shrinkingStopped === true
    ? '  The time for shrinking ended; there may be a smaller schedule.\n'
    : '';
}

/** Why not everything was tried. */
function shortOf({ limit, what = '' }: OutOfBudget): string {
  switch (limit) {
    case 'strategy':
      return 'Nothing found by the schedules of this strategy, which tries only some';
    case 'handlers':
      return `Nothing found, but some schedules could not be explored to their end: ${what}`;
    default:
      return `Nothing found before the budget of ${limit} ended`;
  }
}

const MOST_LINES = 3;

/** Why no order was left out, which takes longer. */
function unseen({ unseen: lines }: Outcome): string {
  if (lines.length === 0) return '';
  const more = lines.length > MOST_LINES ? `  … and ${String(lines.length - MOST_LINES)} more\n` : '';
  const shown = lines.slice(0, MOST_LINES).map((line) => `  ${line}\n`);
  return `Every order was tried one by one, because there is state that the explorer cannot follow:\n${shown.join('')}${more}  It can follow what lies in plain objects that setup returns.\n`;
}

function write(program: DefinedProgram, schedule: string, output: Output, file: string): void {
  const { chromeTrace, explain, htmlReport } = explorerOf(program);
  if (output.trace === undefined && output.html === undefined) return;
  const told = explain(program, parseSchedule(schedule));
  if (output.trace !== undefined) writeFileSync(output.trace, JSON.stringify(chromeTrace(told)));
  if (output.html !== undefined) writeFileSync(output.html, htmlReport(told, file));
}

/** Runs `scatterlist replay`. */
export async function replay(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: { trace: { type: 'string' }, html: { type: 'string' } },
  });
  refuseRepeats(tokens);
  checkWritable(values.trace);
  checkWritable(values.html);
  const [file = '', schedule, ...rest] = positionals;
  if (schedule === undefined || rest.length > 0) throw new UsageError('replay takes a file and a schedule');
  const program = await load(file);
  const { explain, formatReport } = explorerOf(program);
  const told = running(file, () => explain(program, parseSchedule(schedule)));
  if (!told.exact) {
    const left =
      told.unused > 0 ? ` (${String(told.unused)} of its steps are left when the program ends)` : '';
    throw new UsageError(`the schedule '${schedule}' does not fit ${file}${left}: has it changed?`);
  }
  process.stdout.write(formatReport(told, { width: process.stdout.columns ?? WIDTH, file }));
  write(program, schedule, values, file);
  return told.violation === undefined ? 0 : 1;
}
