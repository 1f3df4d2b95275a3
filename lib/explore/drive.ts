/**
 * The loop between a strategy and a world.
 */
import type { Strategy } from './strategy.ts';
import { OutOfTime, STOP } from './world.ts';
import type { World } from './world.ts';

/** How one schedule ended: `stopped` if the time was over first. */
export type Ending = 'finished' | 'pruned' | 'stopped';

/** Runs one schedule, which the strategy has begun, until `isOver`, which is asked before each decision. */
export function runSchedule(world: World, strategy: Strategy, isOver?: () => boolean): Ending {
  world.isOver = isOver;
  try {
    return run(world, strategy, isOver);
  } catch (error) {
    if (error instanceof OutOfTime) return 'stopped';
    throw error;
  }
}

function run(world: World, strategy: Strategy, isOver: (() => boolean) | undefined): Ending {
  let stopped = false;
  world.begin((point) => {
    stopped ||= isOver?.() === true;
    return stopped ? STOP : strategy.choose(point);
  }, strategy.sameDecisions);
  while (world.choices.length > 0) {
    if (isOver?.() === true) return 'stopped';
    const choice = strategy.choose(world);
    if (choice === STOP) {
      strategy.end(world);
      return 'pruned';
    }
    world.take(choice);
  }
  if (stopped) return 'stopped';
  strategy.end(world);
  return 'finished';
}
