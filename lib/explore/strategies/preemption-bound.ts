/**
 * Every schedule with at most so many preemptions: most bugs need one or two, and there are few such
 * schedules. A bound is not a proof.
 */
import { exhaustive } from './exhaustive.ts';
import type { Strategy } from '../strategy.ts';

/** Explores every schedule in which a task that could go on is left at most `preemptions` times. */
export function preemptionBound(preemptions: number): Strategy {
  return exhaustive({ preemptions });
}
