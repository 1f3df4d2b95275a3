/**
 * `scatterlist explore`: a user's own program, in every order.
 */
import { parseArgs } from 'node:util';
import { explorerOf, formatSchedule } from 'scatterlist/explore';
import type { Counts, DefinedProgram, Outcome } from 'scatterlist/explore';
import { threadsOf } from './campaign.ts';
import { LIMITS, budgetOf, limitsOf, shardOf, strategyOf } from './explore/choices.ts';
import { load, running } from './load.ts';
import { merged } from './explore/merge.ts';
import { PROCESS } from './explore/outside.ts';
import type { Outside } from './explore/outside.ts';
import { progressLine } from './progress.ts';
import { report } from './explore/report.ts';
import { exploreTogether } from './explore/together.ts';
import { watched } from './explore/watch.ts';
import { checkWritable } from './files.ts';
import { refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** Most programs take less; starting other threads would cost more than they do. */
const HELP_AFTER_MS = 1000;

/** What `scatterlist explore --help` prints. */
export const EXPLORE_HELP = `scatterlist explore: run a program in every order of events, report the first that breaks a rule

  scatterlist explore FILE     a module whose default export is defineProgram({ … })
  --strategy NAME       exhaustive (default), brute, bound:N, random[:SEED], pct[:SEED], round-robin, determinism
  --budget N            stop after N schedules, or after N seconds where it ends in s (default 60s)
  --trace FILE          write the schedule found for Perfetto (ui.perfetto.dev) or chrome://tracing
  --html FILE           write it as one page
  --save FILE           write it for scatterlist replay, and for replayFile in a unit test
  --all                 print every row of its timeline, not a screenful
  --workers N           N threads share the search (default: one for each core, after a second; 1: this one alone)
  --shard I/N           explore part I (from 1) of N only; with --json, merge the parts by --merge
  --merge FILE...       no program: merge the reports of shards
  --memory SIZE         stop when the process takes more (default: half of the machine's, at most 4G)
  --json                the outcome, for a program

Ctrl-C prints what was found so far; a second one ends at once.

Exit code 0: explored to the end, nothing found. 1: a rule is broken. 2: wrong usage, or the program cannot be
explored: it is not deterministic, or a step does not return. 3: nothing found, and not everything was tried.
70: a bug in scatterlist itself.
`;

function parse(args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      strategy: { type: 'string', default: 'exhaustive' },
      trace: { type: 'string' },
      html: { type: 'string' },
      save: { type: 'string' },
      all: { type: 'boolean', default: false },
      shard: { type: 'string' },
      workers: { type: 'string' },
      merge: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      ...LIMITS,
    },
  });
  refuseRepeats(tokens);
  refuseIgnored(tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : [])));
  checkWritable(values.trace);
  checkWritable(values.html);
  checkWritable(values.save);
  const [file = '', ...rest] = positionals;
  if (!values.merge && rest.length > 0)
    throw new UsageError(`one program at a time; what is "${rest.join(' ')}"?`);
  return { values, file, files: positionals, ...limitsOf(values) };
}

/** Runs `scatterlist explore`. */
export async function explore(args: readonly string[], outside: Outside = PROCESS): Promise<number> {
  const { values, file, files } = parse(args);
  if (values.merge) return report(undefined, merged(files), values, '');
  const program = await load(file === '' ? undefined : file);
  outside.enter('exploring');
  const { strategy, shard, workers } = values;
  const helpers = threadsOf(workers) - 1;
  const isShared =
    strategy === 'exhaustive' && shard === undefined && outside.help !== undefined && helpers > 0;
  const helpAfterMs = workers === undefined ? HELP_AFTER_MS : 0;
  const outcome = running(file, () =>
    isShared
      ? exploreTogether(program, { budget: budgetOf(values.budget), helpers, helpAfterMs }, outside)
      : runOne(program, values, outside),
  );
  outside.enter('reporting');
  return report(program, outcome, values, file, outside);
}

/** The same, in a thread that is watched if it runs the program itself. */
export async function exploreWatched(args: readonly string[]): Promise<number> {
  const { values, file, milliseconds, memoryBytes } = parse(args);
  if (values.merge) return explore(args);
  const { strategy, json } = values;
  return watched('explore', args, { file, strategy, milliseconds, memoryBytes, json });
}

/** Options that cannot be combined. They are refused, because ignoring one would look as if it had taken effect. */
function refuseIgnored(given: readonly string[]): void {
  const beside: readonly (readonly [string, readonly string[]])[] = [
    ['merge', ['strategy', 'budget', 'trace', 'html', 'save', 'workers', 'shard']],
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
  outside: Outside,
): Outcome {
  const api = explorerOf(program);
  const budget = budgetOf(values.budget);
  const signal = outside.signal === undefined ? {} : { signal: outside.signal };
  if (values.strategy === 'determinism') return api.checkDeterminism(program, { ...budget, ...signal });
  let strategy = strategyOf(values.strategy, program);
  if (values.shard !== undefined) {
    const { index, count } = shardOf(values.shard);
    strategy = api.exhaustive({ prefixes: api.shard(api.frontier(program, 8 * count), index, count) });
  }
  let counts: Counts = { schedules: 0, steps: 0, states: 0, pruned: 0, milliseconds: 0 };
  const outcome = api.explore(program, strategy, {
    budget,
    ...signal,
    onProgress: (now, part, shrinkingMs, toldPart) => {
      counts = now;
      outside.tell(now, part);
      if (!outside.showsProgress) return;
      process.stderr.write(`\r\x1b[K${progressLine({ counts: now, part, budget, shrinkingMs, toldPart })}`);
    },
    onSchedule: ({ schedule, violation }) => {
      if (violation === undefined) return;
      outside.found({
        kind: 'violation',
        strategy: strategy.name,
        counts,
        unseen: [],
        violation,
        schedule: formatSchedule(schedule),
        switches: 0,
        shrinkingStopped: true,
      });
    },
  });
  if (outside.showsProgress) process.stderr.write('\r\x1b[K');
  return outcome;
}
