/**
 * `scatterlist explore`: a user's own program, in every order.
 */
import { parseArgs } from 'node:util';
import { explorerOf } from 'scatterlist/explore';
import type { DefinedProgram, Outcome } from 'scatterlist/explore';
import { threadsOf, withThreads } from './campaign.ts';
import { budgetOf, shardOf, strategyOf } from './explore/choices.ts';
import { load, running } from './explore/load.ts';
import { merged } from './explore/merge.ts';
import { progressLine } from './explore/progress.ts';
import { report } from './explore/report.ts';
import { checkWritable } from './files.ts';
import { refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist explore --help` prints. */
export const EXPLORE_HELP = `scatterlist explore: run a program in every order of events, report the first that breaks a rule

  scatterlist explore FILE     a module whose default export is defineProgram({ … })
  --strategy NAME       exhaustive (default), brute, bound:N, random[:SEED], pct[:SEED], round-robin, determinism
  --budget N            stop after N schedules, or after N seconds where it ends in s (default 60s)
  --trace FILE          write the schedule found for Perfetto (ui.perfetto.dev) or chrome://tracing
  --html FILE           write it as one page
  --all                 print every row of its timeline, not a screenful
  --workers N           N threads share the search
  --shard I/N           explore part I (from 1) of N only; with --json, merge the parts by --merge
  --merge FILE...       no program: merge the reports of shards
  --json                the outcome, for a program

Exit code 0: explored to the end, nothing found. 1: a rule is broken. 2: wrong usage, or the program cannot be
explored, because it is not deterministic. 3: nothing found, and not everything was tried.
`;

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
      all: { type: 'boolean', default: false },
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
      : await withThreads(program, { file, budget: budgetOf(values.budget) }, threadsOf(values.workers));
  return report(program, outcome, values, file);
}

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
