/**
 * Runs schedules twice and compares: hunts for what a program does that no schedule decides (a variable
 * of a module, the clock, a random number).
 */
import { checkOptions } from '../base/options.ts';
import { formatSchedule } from './choice.ts';
import type { Choice } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution/execution.ts';
import type { Counts, Nondeterministic, OutOfBudget } from './outcome.ts';
import type { Program } from './program.ts';
import { steadily } from './steady.ts';
import { NondeterminismError } from './strategy.ts';
import { Stopwatch, checkLimit } from './stopwatch.ts';
import type { StopSignal } from './stopwatch.ts';
import { random } from './strategies/random.ts';
import { Replay } from './strategies/replay.ts';
import type { Point } from './world.ts';

/** Replays and notes the state before each decision. */
class Noting extends Replay {
  readonly keys: (number | undefined)[] = [];

  override choose(point: Point): Choice {
    if (!point.inner) this.keys.push(point.stateKey());
    return super.choose(point);
  }
}

/** How long the check goes on. */
interface DeterminismOptions {
  readonly seed?: number;
  /** Default 100. */
  readonly schedules?: number;
  /** Default: no limit but the number of schedules. */
  readonly milliseconds?: number;
  /** Ends it like the time. */
  readonly signal?: StopSignal;
}

/**
 * Runs random schedules twice each. Returns the first under which the program did not do the same thing twice, or how
 * many schedules were tried.
 */
export function checkDeterminism<S extends object>(
  program: Program<S>,
  options?: DeterminismOptions,
): Nondeterministic | OutOfBudget;
export function checkDeterminism(
  program: Program,
  options: DeterminismOptions = {},
): Nondeterministic | OutOfBudget {
  checkOptions('checkDeterminism', options, {
    seed: 'number',
    schedules: 'number',
    milliseconds: 'number',
    signal: 'object',
  });
  checkLimit('milliseconds of checkDeterminism', options.milliseconds);
  const watch = new Stopwatch(options.milliseconds ?? Infinity, undefined, options.signal);
  const isOver = (): boolean => watch.isOver();
  const world = new Execution(program);
  const strategy = random({ seed: options.seed ?? 1, schedules: options.schedules ?? 100 });
  let schedules = 0;
  const head = (): {
    readonly strategy: string;
    readonly counts: Counts;
    readonly unseen: readonly string[];
  } => ({
    strategy: 'determinism check',
    counts: { schedules, steps: world.totalSteps, states: 0, pruned: 0, milliseconds: watch.milliseconds },
    unseen: [],
  });
  const different = (what: string): Nondeterministic => ({
    ...head(),
    kind: 'nondeterministic',
    what,
    schedule: formatSchedule(world.schedule),
  });
  const search = (): Nondeterministic | undefined => {
    while (strategy.begin()) {
      if (runSchedule(world, strategy, isOver) === 'stopped') break;
      schedules += 1;
      const { schedule } = world;
      const [first, second] = [note(world, schedule, isOver), note(world, schedule, isOver)];
      if (watch.ended) break;
      const at = first.findIndex((key, i) => key !== second[i]);
      if (at < 0 && first.length === second.length) continue;
      return different(
        `the second run differs from the first at step ${String(at < 0 ? Math.min(first.length, second.length) : at)}`,
      );
    }
    return undefined;
  };
  // A loop is looked at by running the schedule again, which can show it, too.
  const found = steadily(world, () => {
    try {
      return search();
    } catch (error) {
      if (!(error instanceof NondeterminismError)) throw error;
      return different(error.message);
    }
  });
  if (found !== undefined) return found;
  return {
    ...head(),
    kind: 'outOfBudget',
    ...(watch.ended ? watch.end : { limit: 'strategy' }),
    progress: undefined,
  };
}

function note(
  world: Execution,
  schedule: readonly Choice[],
  isOver: () => boolean,
): readonly (number | string | undefined)[] {
  const strategy = new Noting(schedule);
  strategy.begin();
  runSchedule(world, strategy, isOver);
  return [...strategy.keys, world.stateKey(), world.violation?.what, String(strategy.exact)];
}
