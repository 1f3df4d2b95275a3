/**
 * `scatterlist explore` and `scatterlist replay`: a user's own program, in every order.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { explorerOf, isDefinedProgram, mergeOutcomes, parseSchedule } from 'scatterlist/explore';
import type { Counts, DefinedProgram, ExploreOptions, Outcome, Strategy } from 'scatterlist/explore';
import { UsageError } from './usage-error.ts';

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

Exit code 0: exhausted, nothing found. 1: a rule is broken, or the program is not deterministic.
2: wrong usage. 3: the budget ended first.
`;

/** What `scatterlist replay --help` prints. */
export const REPLAY_HELP = `scatterlist replay: run one schedule of a program and tell it step by step

  scatterlist replay FILE SCHEDULE     both as a report prints them
  --trace FILE, --html FILE            as for explore

Exit code 0: no rule is broken. 1: one is. 2: wrong usage, or the schedule does not fit the program.
`;

const WIDTH = 110;

/** Loads a program; TypeScript through tsx, where the program's project has it. */
async function load(file: string | undefined): Promise<DefinedProgram> {
  if (file === undefined) throw new UsageError('which program? name its file');
  const path = resolve(file);
  if (/\.[cm]?ts$/.test(path)) await acceptTypeScript(path);
  const module: object = await importModule(pathToFileURL(path).href);
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

function strategyOf(text: string, program: DefinedProgram): Strategy {
  const { exhaustive, pct, preemptionBound, random, roundRobin } = explorerOf(program);
  const [name = '', argument] = text.split(':');
  const number = argument === undefined ? 1 : Number(argument);
  if (!Number.isInteger(number))
    throw new UsageError(`--strategy ${text}: "${argument ?? ''}" is not a number`);
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
      throw new UsageError(`no strategy "${name}"`);
  }
}

function budgetOf(text: string): NonNullable<ExploreOptions['budget']> {
  const match = /^(\d+)(s?)$/.exec(text);
  if (match === null)
    throw new UsageError(`--budget takes a number of schedules or of seconds (60s), not ${text}`);
  const amount = Number(match[1]);
  return match[2] === 's' ? { milliseconds: amount * 1000 } : { schedules: amount };
}

function shardOf(text: string): { readonly index: number; readonly count: number } {
  const [index = 0, count = 0] = text.split('/').map(Number);
  if (!(Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count))
    throw new UsageError(`--shard takes I/N with I from 1 to N, not ${text}`);
  return { index: index - 1, count };
}

function progress(counts: Counts, part: number | undefined): void {
  if (!process.stderr.isTTY) return;
  const seconds = counts.milliseconds / 1000;
  const left =
    part === undefined || part <= 0 ? '' : `, about ${String(Math.ceil(seconds / part - seconds))} s left`;
  const percent = part === undefined ? '' : `${(100 * part).toFixed(1)} %, `;
  process.stderr.write(
    `\r\x1b[K${percent}${String(counts.schedules)} schedules, ${String(counts.states)} states, ${seconds.toFixed(1)} s${left}`,
  );
}

/** Runs `scatterlist explore`. */
export async function explore(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
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
  if (values.merge) return report(undefined, merged(positionals), values, '');
  const [file = '', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one program at a time; what is "${rest.join(' ')}"?`);
  const program = await load(file === '' ? undefined : file);
  const outcome =
    values.workers === undefined
      ? runOne(program, values)
      : await runWorkers(file, Number(values.workers), values.budget);
  return report(program, outcome, values, file);
}

function runOne(
  program: DefinedProgram,
  values: { readonly strategy: string; readonly budget: string; readonly shard?: string | undefined },
): Outcome {
  const api = explorerOf(program);
  const budget = budgetOf(values.budget);
  if (values.strategy === 'determinism') return determinism(program);
  let strategy = strategyOf(values.strategy, program);
  if (values.shard !== undefined) {
    const { index, count } = shardOf(values.shard);
    strategy = api.exhaustive({ prefixes: api.shard(api.frontier(program, 8 * count), index, count) });
  }
  const outcome = api.explore(program, strategy, { budget, onProgress: progress });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return outcome;
}

function determinism(program: DefinedProgram): Outcome {
  const found = explorerOf(program).checkDeterminism(program);
  const counts = { schedules: 100, steps: 0, states: 0, pruned: 0, milliseconds: 0 };
  return (
    found ?? { kind: 'outOfBudget', strategy: 'determinism check', counts, limit: 'schedules', progress: 1 }
  );
}

// Each worker is this command with a shard to do: what works on one machine works on many.
async function runWorkers(file: string, workers: number, budget: string): Promise<Outcome> {
  if (!Number.isInteger(workers) || workers < 1) throw new UsageError('--workers takes a number from 1 on');
  const run = promisify(execFile);
  const [, command = ''] = process.argv;
  const parts = await Promise.all(
    Array.from({ length: workers }, async (_, i) => {
      const shard = `${String(i + 1)}/${String(workers)}`;
      const args = [command, 'explore', file, '--json', '--shard', shard, '--budget', budget];
      const child = run(process.execPath, [...process.execArgv, ...args], { maxBuffer: 2 ** 26 });
      return outcomeOf(await child.then(({ stdout }) => stdout, outputOfFailure), shard);
    }),
  );
  return worst(parts);
}

function outputOfFailure(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'stdout' in error && typeof error.stdout === 'string')
    return error.stdout;
  throw error;
}

function merged(files: readonly string[]): Outcome {
  return worst(files.map((file) => outcomeOf(readFileSync(file, 'utf8'), file)));
}

function worst(outcomes: readonly Outcome[]): Outcome {
  const outcome = mergeOutcomes(outcomes);
  if (outcome === undefined) throw new UsageError('nothing to merge');
  return outcome;
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && 'kind' in value && 'counts' in value;
}

function outcomeOf(text: string, from: string): Outcome {
  const value: unknown = text === '' ? undefined : JSON.parse(text);
  if (!isOutcome(value)) throw new UsageError(`${from} gave no report`);
  return value;
}

interface Output {
  readonly trace?: string | undefined;
  readonly html?: string | undefined;
  readonly json?: boolean;
}

const EXIT = { exhausted: 0, violation: 1, nondeterministic: 1, outOfBudget: 3 } as const;

function report(program: DefinedProgram | undefined, outcome: Outcome, output: Output, file: string): number {
  if (output.json === true) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else process.stdout.write(describe(program, outcome, file));
  if (outcome.kind === 'violation' && program !== undefined) write(program, outcome.schedule, output, file);
  return EXIT[outcome.kind];
}

function describe(program: DefinedProgram | undefined, outcome: Outcome, file: string): string {
  const { schedules, steps, states, pruned, milliseconds } = outcome.counts;
  const counts = `${String(schedules)} schedules, ${String(steps)} steps, ${String(states)} states, ${String(pruned)} cut short, ${(milliseconds / 1000).toFixed(2)} s (${outcome.strategy})\n`;
  switch (outcome.kind) {
    case 'exhausted':
      return `No rule is broken: explored to the end. ${counts}`;
    case 'outOfBudget':
      return `Nothing found before the budget of ${outcome.limit} ended; nothing is proven. ${counts}`;
    case 'nondeterministic':
      return `The program is not deterministic: ${outcome.what}. Schedule '${outcome.schedule}'. ${counts}`;
    case 'violation': {
      if (program === undefined)
        return `${outcome.violation.rule}: ${outcome.violation.what}. Schedule '${outcome.schedule}'. ${counts}`;
      const { explain, formatReport } = explorerOf(program);
      const told = explain(program, parseSchedule(outcome.schedule));
      return `${formatReport(told, { width: process.stdout.columns ?? WIDTH, file })}  ${counts}`;
    }
  }
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
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { trace: { type: 'string' }, html: { type: 'string' } },
  });
  const [file, schedule, ...rest] = positionals;
  if (schedule === undefined || rest.length > 0) throw new UsageError('replay takes a file and a schedule');
  const program = await load(file);
  const { explain, formatReport } = explorerOf(program);
  const told = explain(program, parseSchedule(schedule));
  if (!told.exact)
    throw new UsageError(`the schedule '${schedule}' does not fit ${file ?? ''}: has it changed?`);
  process.stdout.write(formatReport(told, { width: process.stdout.columns ?? WIDTH, file: file ?? '' }));
  write(program, schedule, values, file ?? '');
  return told.violation === undefined ? 0 : 1;
}
