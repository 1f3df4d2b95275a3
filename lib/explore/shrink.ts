/**
 * Makes a failing schedule smaller: fewer switches first, then fewer steps.
 */
import { checkOptions } from '../base/options.ts';
import { actorOf, isInner } from './choice.ts';
import type { Choice } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution/execution.ts';
import { switchesOf } from './outcome.ts';
import type { Program } from './program.ts';
import { steadily } from './steady.ts';
import { Stopwatch, checkLimit } from './stopwatch.ts';
import type { StopSignal } from './stopwatch.ts';
import { replaySchedule } from './strategies/replay.ts';

/** Attempts before the smallest so far is taken. */
const ATTEMPTS = 2000;

/** How far shrinking goes. */
export interface ShrinkOptions {
  /** The time after which the smallest so far is taken. Default: no limit but a number of attempts. */
  readonly milliseconds?: number;
  /** Ends it like the time. */
  readonly signal?: StopSignal;
  /** Told now and then that it goes on. */
  readonly onStep?: () => void;
  /** Told that the time ended first, so that there may be a smaller one. */
  readonly onStopped?: () => void;
}

/** A schedule that breaks the same rule with as few switches, then as few steps, as could be found. */
export function shrink<S extends object>(
  program: Program<S>,
  schedule: readonly Choice[],
  rule: string,
  options?: ShrinkOptions,
): readonly Choice[];
export function shrink(
  program: Program,
  schedule: readonly Choice[],
  rule: string,
  options: ShrinkOptions = {},
): readonly Choice[] {
  checkOptions('shrink', options, {
    milliseconds: 'number',
    signal: 'object',
    onStep: 'function',
    onStopped: 'function',
  });
  checkLimit('milliseconds of shrink', options.milliseconds);
  // It ends at the limit of steps, whatever is left out.
  if (rule === 'no-progress') return schedule;
  const world = new Execution(program);
  const watch = new Stopwatch(options.milliseconds ?? Infinity, options.onStep, options.signal);
  let best = schedule;
  let attempts = 0;
  const improve = (candidate: readonly Choice[]): boolean => {
    attempts += 1;
    const strategy = replaySchedule(candidate);
    strategy.begin();
    const ending = runSchedule(world, strategy, () => watch.isOver());
    if (ending === 'stopped' || world.violation?.rule !== rule || !isSmaller(world.schedule, best))
      return false;
    best = world.schedule;
    return true;
  };
  const isOver = (): boolean => attempts >= ATTEMPTS || watch.ended;
  // One candidate at a time, because all of those of a long schedule do not fit into memory.
  const improved = (): boolean => {
    for (const candidate of candidates(best)) {
      if (isOver()) return false;
      if (improve(candidate)) return true;
    }
    return false;
  };
  steadily(world, () => {
    while (!isOver() && improved());
  });
  if (watch.ended) options.onStopped?.();
  return best;
}

function isSmaller(a: readonly Choice[], b: readonly Choice[]): boolean {
  const switches = size(a) - size(b);
  return switches < 0 || (switches === 0 && a.length < b.length);
}

function size(schedule: readonly Choice[]): number {
  return switchesOf(schedule.filter((choice) => !isInner(choice)).map(actorOf));
}

/** Schedules near this one: a block moved to its actor's neighbouring block, a block or a step left out. */
function* candidates(schedule: readonly Choice[]): Generator<readonly Choice[]> {
  const blocks = blocksOf(schedule);
  for (const [at, block] of blocks.entries()) {
    const before = blocks.slice(0, at);
    const after = blocks.slice(at + 1);
    const actor = actorOf(block[0] ?? 0);
    const earlier = before.findLastIndex((other) => actorOf(other[0] ?? 0) === actor);
    if (earlier >= 0) {
      yield [...before.slice(0, earlier + 1), block, ...before.slice(earlier + 1), ...after].flat();
    }
    const later = after.findIndex((other) => actorOf(other[0] ?? 0) === actor);
    if (later >= 0) yield [...before, ...after.slice(0, later), block, ...after.slice(later)].flat();
    yield [...before, ...after].flat();
  }
  for (let cut = 0; cut < schedule.length; cut += 1) yield schedule.filter((_, i) => i !== cut);
}

/** The schedule as runs of one actor; marked points stay with the step they lie in. */
function blocksOf(schedule: readonly Choice[]): readonly (readonly Choice[])[] {
  const blocks: Choice[][] = [];
  let last = -1;
  for (const choice of schedule) {
    const actor = isInner(choice) ? last : actorOf(choice);
    if (actor !== last || blocks.length === 0) blocks.push([]);
    blocks.at(-1)?.push(choice);
    last = actor;
  }
  return blocks;
}
