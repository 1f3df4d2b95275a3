/**
 * Finds loops in which an actor has come back to where it was, with the local variables that it had.
 *
 * Steps that learn the same as those before look like a loop. Whether they are one is seen once: the schedule is run
 * again, and a debugger shows the local variables before and after the round. Then the actor goes on alone for a while,
 * because an iterator that a `for` holds is no variable.
 */
import { Hash } from '../../base/hash.ts';
import type { Actor } from '../actor.ts';
import { actorOf, isInner } from '../choice.ts';
import type { Choice } from '../choice.ts';
import type { Suspended } from './suspended.ts';

/** Steps for which a loop must go on alone. */
const ALONE = 300;

/** The execution that is looked at. */
export interface LoopHost {
  readonly schedule: readonly Choice[];
  /** Runs a schedule again. */
  again(schedule: readonly Choice[]): void;
  /** The same; `onStep` is told the actor of each step. False if local variables cannot be seen. */
  watch(schedule: readonly Choice[], onStep: (actor: Actor, seen: Suspended) => void): boolean;
  /** Lets an actor take a step, whatever others could do. False if it cannot. */
  alone(actor: number): boolean;
  actor(index: number): Actor;
}

/** The loops of one program. */
export class Loops {
  private readonly host: LoopHost;
  /** By what an actor has learnt: the length of the round that can be forgotten, or 0. */
  readonly #known = new Map<number, number>();
  readonly #hash = new Hash();
  #isLooking = false;
  #hasFound = false;

  constructor(host: LoopHost) {
    this.host = host;
  }

  /** Whether any loop was found. */
  get hasFound(): boolean {
    return this.#hasFound;
  }

  /** Whether a step is taken only to look at it. */
  get isLooking(): boolean {
    return this.#isLooking;
  }

  /** Whether the last step of an actor ended a round that changed no local variable, which is then forgotten. */
  ended(index: number): boolean {
    const periods = this.host.actor(index).history.periods();
    if (periods.length === 0 || this.host.actor(index).hasEnded) return false;
    const key = this.#hash.reset().add(index).add(this.host.actor(index).history.key).value;
    let period = this.#known.get(key);
    if (period === undefined) {
      if (this.#isLooking) return false;
      period = this.#look(index, periods);
      this.#known.set(key, period);
    }
    this.#hasFound ||= period > 0;
    // Looking has made a new actor.
    if (period > 0) this.host.actor(index).history.forget(period);
    return period > 0;
  }

  #look(index: number, periods: readonly number[]): number {
    this.#isLooking = true;
    const schedule = [...this.host.schedule];
    const { history } = this.host.actor(index);
    const numbers = new Map([0, ...periods].map((back) => [back, history.numberOf(back)] as const));
    try {
      // Going on is looked at first, because a debugger is slow.
      const ahead = this.#goingOn(index, periods);
      if (ahead.length > 0) return this.#sameVariables(index, schedule, ahead, numbers);
      this.host.again(schedule);
      return 0;
    } finally {
      this.#isLooking = false;
    }
  }

  /** The periods with which an actor goes on alone, or with which it might among others. */
  #goingOn(index: number, periods: readonly number[]): readonly number[] {
    const { host } = this;
    const outer = host.schedule.filter((choice) => !isInner(choice));
    const wasAlone = (period: number): boolean =>
      outer.slice(-2 * period).every((choice) => actorOf(choice) === index);
    const unclear: number[] = [];
    let left = periods;
    for (let step = 1; step <= ALONE && left.length > 0; step += 1) {
      const before = host.actor(index).history;
      const runs = left.map((period) => before.run(period));
      const acted = host.alone(index);
      const after = host.actor(index).history;
      const goesOn = left.map((period, i) => acted && after.run(period) === (runs[i] ?? 0) + 1);
      // Alone it may meet other values than it did among others.
      if (!host.actor(index).hasEnded)
        unclear.push(
          ...left.filter((period, i) => goesOn[i] !== true && step <= period && !wasAlone(period)),
        );
      left = left.filter((_, i) => goesOn[i]);
    }
    return periods.filter((period) => left.includes(period) || unclear.includes(period));
  }

  /** The first period after which an actor has the local variables that it had before. */
  #sameVariables(
    index: number,
    schedule: readonly Choice[],
    periods: readonly number[],
    numbers: ReadonlyMap<number, number>,
  ): number {
    const states = new Map<number, number>();
    const asked = new Set([0, ...periods].map((back) => numbers.get(back)));
    const isSeen = this.host.watch(schedule, (actor, suspended) => {
      if (actor.index === index && asked.has(actor.steps))
        states.set(actor.steps, suspended.localState(index));
    });
    const now = states.get(numbers.get(0) ?? 0);
    if (!isSeen || now === undefined) return 0;
    return periods.find((period) => states.get(numbers.get(period) ?? 0) === now) ?? 0;
  }
}
