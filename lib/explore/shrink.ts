/**
 * Makes a failing schedule smaller: fewer switches first, then fewer steps.
 */
import { actorOf, isInner } from './choice.ts';
import type { Choice } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution.ts';
import { switchesOf } from './outcome.ts';
import type { Program } from './program.ts';
import { replaySchedule } from './strategies/replay.ts';

/** Attempts before the smallest so far is taken. */
const ATTEMPTS = 2000;

/** A schedule that breaks the same rule with as few switches, then as few steps, as could be found. */
export function shrink<S extends object>(
  program: Program<S>,
  schedule: readonly Choice[],
  rule: string,
): readonly Choice[];
export function shrink(program: Program, schedule: readonly Choice[], rule: string): readonly Choice[] {
  const world = new Execution(program);
  let best = schedule;
  let attempts = 0;
  const improve = (candidate: readonly Choice[]): boolean => {
    attempts += 1;
    const strategy = replaySchedule(candidate);
    strategy.begin();
    runSchedule(world, strategy);
    if (world.violation?.rule !== rule || !isSmaller(world.schedule, best)) return false;
    best = world.schedule;
    return true;
  };
  while (attempts < ATTEMPTS && [...candidates(best)].some((c) => attempts < ATTEMPTS && improve(c)));
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
