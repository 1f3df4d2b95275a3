/**
 * The contract of a strategy: it begins an execution, chooses among what is enabled, and sees the end.
 */
import type { Choice } from './choice.ts';
import type { Point } from './world.ts';

/** Chooses the order of events. One file per strategy in `strategies/`. */
export interface Strategy {
  readonly name: string;
  /** Starts the next schedule; false when it has none left. */
  begin(): boolean;
  /** One of `point.choices`, or `STOP` to leave the schedule. */
  choose(point: Point): Choice;
  /** The schedule has ended, or was left. */
  end(point: Point): void;
  /**
   * How many decisions of the schedule that has begun will be the same as in the one before. A strategy that tells it,
   * even if it is 0 at first, lets the world repeat steps without observing them again.
   */
  readonly sameDecisions?: number;
  /** Whether every schedule has been tried, or one that is like it, when `begin` returns false. */
  readonly isComplete?: boolean;
  /** Whether it leaves schedules out because of footprints or states. Such a strategy can start again. */
  readonly leavesOut?: boolean;
  /**
   * Whether it is looked for loops that come back to a state, which takes a debugger; if it is `false`, only the limit of
   * steps ends them.
   */
  readonly looksForLoops?: boolean;
  /** Starts again, because what was left out so far may have mattered. */
  restart?(): void;
  /** States seen and kept, where the strategy keeps any. */
  readonly states: number;
  /** How much of the whole is done, from 0 to 1, where that can be told. */
  readonly progress: number | undefined;
}

/** Thrown when a program does not do the same thing under the same schedule. */
export class NondeterminismError extends Error {
  override readonly name = 'NondeterminismError';
}
