/**
 * What a strategy drives: something that starts, offers choices and takes one, again and again, the
 * same way every time.
 */
import type { Choice } from './choice.ts';
import type { Footprint } from './footprint.ts';

/** Why an actor cannot act. */
export interface Held {
  /** The queue on which it sleeps, as footprints name it. */
  readonly queue: number | undefined;
  /** The actor without which it cannot act, because that one keeps its CPU. */
  readonly by: number | undefined;
}

/** What leaving out orders by races needs to know of the actors. */
export interface RaceFacts {
  /** Whether the schedule has ended although an actor had not, so that other orders may do more. */
  readonly isCut: boolean;
  /** Whether an actor that cannot act has to be woken first, by any of those that could let it act. */
  isOnlyWoken(actor: number): boolean;
  /** Whether a schedule may end although an actor could act. */
  mayStayAway(actor: number): boolean;
  /** The actors that something holds, as it is now. */
  held(): ReadonlyMap<number, Held>;
}

/** Where a choice is made. */
export interface Point {
  /** What can happen next, in ascending order; empty at the end. The array is used again. */
  readonly choices: readonly Choice[];
  /** Whether this is a marked point inside a step, where the only question is which interrupt arrives. */
  readonly inner: boolean;
  /** The actor that acted last, -1 at the beginning. */
  readonly last: number;
  /** What the last complete step touched, where that is tracked. */
  readonly footprint: Footprint | undefined;
  /** Whether the last step brought its actor back to where it was: others come first, if they are to be treated fairly. */
  readonly looped?: boolean;
  /** Whether the schedule has come back to a state in which it was. */
  readonly repeats?: boolean;
  /** `undefined` where what lets an actor act is not in the footprints. */
  readonly racing?: RaceFacts | undefined;
  /** Determines all that can happen from here; `undefined` where it is not tracked. */
  stateKey(): number | undefined;
}

/** Decides at a marked point. */
export type Decide = (point: Point) => Choice;

/** Thrown out of a step that ran the schedule again, to look at a loop, when the time was over. */
export class OutOfTime extends Error {}

/** One program, run as often as a strategy likes. */
export interface World extends Point {
  /** Asked while the schedule is run again inside of a step. */
  isOver?: (() => boolean) | undefined;
  /**
   * Starts from the beginning. `decide` is asked at the marked points inside steps. `sameDecisions` promises that so many
   * decisions will be those of the schedule before.
   */
  begin(decide: Decide, sameDecisions?: number): void;
  /** Takes one of the choices. */
  take(choice: Choice): void;
}

/** Returned instead of a choice: leave this schedule, it leads nowhere new. */
export const STOP = -2;
