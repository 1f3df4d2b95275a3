/**
 * The states that a search has met, each with the steps that were asleep when it was explored.
 */
import type { Choice } from '../choice.ts';

/** States that need not be explored again. */
export interface Visited {
  /** States that were new. */
  readonly size: number;
  /**
   * Notes that a state is explored from now on, but for the steps that are asleep. Returns those of the open steps that
   * are still to be tried.
   */
  enter(state: number, open: readonly Choice[], asleep: readonly Choice[]): readonly Choice[];
  /** Whether a state was met before. */
  has?(state: number): boolean;
  /** Of the steps that were asleep in a state, only these need to be tried when they are awake. */
  keepAsleep?(state: number, needed: readonly Choice[]): void;
}

/** The states of one search that goes depth first from its beginning to its end. */
export class OwnStates implements Visited {
  /** Of each state, the steps that no visit has tried. */
  readonly #untried = new Map<number, readonly Choice[]>();

  get size(): number {
    return this.#untried.size;
  }

  enter(state: number, open: readonly Choice[], asleep: readonly Choice[]): readonly Choice[] {
    const before = this.#untried.get(state);
    if (before === undefined) {
      this.#untried.set(state, asleep);
      return open;
    }
    this.#untried.set(
      state,
      before.filter((choice) => asleep.includes(choice)),
    );
    return open.filter((choice) => before.includes(choice));
  }

  has(state: number): boolean {
    return this.#untried.has(state);
  }

  keepAsleep(state: number, needed: readonly Choice[]): void {
    const untried = this.#untried.get(state) ?? [];
    this.#untried.set(
      state,
      untried.filter((choice) => needed.includes(choice)),
    );
  }
}
