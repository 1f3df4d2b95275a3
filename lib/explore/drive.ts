/**
 * The loop between a strategy and a world.
 */
import type { Strategy } from './strategy.ts';
import { STOP } from './world.ts';
import type { World } from './world.ts';

/** How one schedule ended. */
export type Ending = 'finished' | 'pruned';

/** Runs one schedule, which the strategy has begun. */
export function runSchedule(world: World, strategy: Strategy): Ending {
  world.begin((point) => strategy.choose(point));
  while (world.choices.length > 0) {
    const choice = strategy.choose(world);
    if (choice === STOP) {
      strategy.end(world);
      return 'pruned';
    }
    world.take(choice);
  }
  strategy.end(world);
  return 'finished';
}
