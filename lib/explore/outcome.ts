/**
 * What exploring a program came to.
 */
import type { Violation } from '../machine/violation.ts';

/** How much was done. */
export interface Counts {
  /** Schedules run to their end. */
  readonly schedules: number;
  readonly steps: number;
  /** Different states seen, where the strategy keeps them. */
  readonly states: number;
  /** Schedules left early because they led nowhere new. */
  readonly pruned: number;
  readonly milliseconds: number;
}

/** What every outcome has. */
interface Head {
  readonly strategy: string;
  readonly counts: Counts;
  /**
   * State that a step may read or change and that the explorer cannot follow, a sentence each. If there is any, no
   * order was left out as being like another.
   */
  readonly unseen: readonly string[];
}

/** Every schedule (within the strategy's bound, if it has one) was explored or shown to be like one that was. */
export interface Exhausted extends Head {
  readonly kind: 'exhausted';
}

/** The budget ended first: nothing was found, nothing is proven. */
export interface OutOfBudget extends Head {
  readonly kind: 'outOfBudget';
  /** What ended: a part of the budget, or the schedules of a strategy that tries only some; or a signal stopped it. */
  readonly limit: 'schedules' | 'steps' | 'milliseconds' | 'strategy' | 'handlers' | 'loops' | 'stopped';
  /**
   * For `handlers`: a handler that waits inside a step, so that what other CPUs do meanwhile was not explored. For
   * `loops`: a loop that can go on for ever while others wait, and whose rounds are different. For `stopped`: the reason
   * of the signal. For a budget: one of the first two, if it was met before.
   */
  readonly what?: string;
  /** The part explored, from 0 to 1, where the strategy can tell. */
  readonly progress: number | undefined;
}

/** A schedule that breaks a rule. */
export interface Found extends Head {
  readonly kind: 'violation';
  readonly violation: Violation;
  /** The schedule, shrunk, as one word: for `replay`. */
  readonly schedule: string;
  /** Switches between actors in it. */
  readonly switches: number;
  /** Set if the time for shrinking ended, so that there may be a smaller schedule. */
  readonly shrinkingStopped?: boolean;
}

/** The program did different things under one schedule, so nothing can be concluded. */
export interface Nondeterministic extends Head {
  readonly kind: 'nondeterministic';
  readonly what: string;
  readonly schedule: string;
}

/** The result of `explore`. */
export type Outcome = Exhausted | OutOfBudget | Found | Nondeterministic;

/** Times a schedule goes from one actor to another. */
export function switchesOf(actors: readonly number[]): number {
  return actors.filter((actor, i) => i > 0 && actor !== actors[i - 1]).length;
}

function add(a: Counts, b: Counts): Counts {
  return {
    schedules: a.schedules + b.schedules,
    steps: a.steps + b.steps,
    states: a.states + b.states,
    pruned: a.pruned + b.pruned,
    milliseconds: Math.max(a.milliseconds, b.milliseconds),
  };
}

/** One outcome for several shards: the worst of them, with all their counts. */
export function mergeOutcomes(outcomes: readonly Outcome[]): Outcome | undefined {
  const rank = { nondeterministic: 0, violation: 1, outOfBudget: 2, exhausted: 3 } as const;
  const [first, ...rest] = outcomes;
  return rest.reduce((worst, next) => {
    const counts = worst === undefined ? next.counts : add(worst.counts, next.counts);
    const chosen = worst === undefined || rank[next.kind] < rank[worst.kind] ? next : worst;
    const unseen = [...new Set([...(worst?.unseen ?? []), ...next.unseen])];
    return { ...chosen, counts, unseen };
  }, first);
}
