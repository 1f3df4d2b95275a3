/**
 * The contract of a strategy: it begins an execution, chooses among what is enabled, and sees the end.
 */
import type { Choice } from './choice.ts';
import type { Point } from './world.ts';

/** Chooses the order of events. One file per strategy in `strategies/`. */
export interface Strategy {
  readonly name: string;
  /** Starts the next schedule; false when there is none left, which is exhaustion. */
  begin(): boolean;
  /** One of `point.choices`, or `STOP` to leave the schedule. */
  choose(point: Point): Choice;
  /** The schedule has ended, or was left. */
  end(point: Point): void;
  /** States seen and kept, where the strategy keeps any. */
  readonly states: number;
  /** How much of the whole is done, from 0 to 1, where that can be told. */
  readonly progress: number | undefined;
}

/** Thrown when a program does not do the same thing under the same schedule. */
export class NondeterminismError extends Error {
  override readonly name = 'NondeterminismError';
}
