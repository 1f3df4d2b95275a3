/**
 * `scatterlist explore`: a user's own program, in every order.
 */
import { explorerOf, formatSchedule } from 'scatterlist/explore';
import type { Counts, DefinedProgram, Outcome } from 'scatterlist/explore';
import { threadsOf } from './campaign.ts';
import { parseExplore } from './explore/arguments.ts';
import { shardOf, strategyOf } from './explore/choices.ts';
import { budgetOf } from './explore/limits.ts';
import { load, running } from './load.ts';
import { merged } from './explore/merge.ts';
import { PROCESS } from './explore/outside.ts';
import type { Outside } from './explore/outside.ts';
import { progressLine } from './progress.ts';
import { report } from './explore/report.ts';
import { exploreTogether } from './explore/together.ts';

/** Most programs take less; starting other threads would cost more than they do. */
const HELP_AFTER_MS = 1000;

/** Runs `scatterlist explore`. */
export async function explore(args: readonly string[], outside: Outside = PROCESS): Promise<number> {
  const { values, file, files } = parseExplore(args);
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
