/**
 * A search that takes the first value of each choice, and then leaves that at one place, at two places, and so on. The
 * world lists first what the way of a finding asks for, so few deviations lead there; a loop does not keep it busy, as it
 * keeps a search that tries the last choice anew each time.
 */
import type { Strategy } from 'scatterlist/explore';

type Point = Parameters<Strategy['choose']>[0];
type Choice = ReturnType<Strategy['choose']>;

/** Beyond so many choices of a run no other one is tried. */
const MOST_PLACES = 600;
/** So many places further on, another choice costs as much as a deviation more: in loops they are many. */
const PLACES_PER_COST = 48;
/** In longer runs a loop goes round. */
const MOST_FURTHER = 48;
/** Runs that wait. */
const MOST_WAITING = 200_000;

/** A run that waits: the choices of another one up to a place, and another choice there. */
interface Waiting {
  readonly choices: readonly Choice[];
  readonly place: number;
  readonly choice: Choice;
  readonly cost: number;
}

/** The search. */
export function fewDeviations(): Strategy {
  return new FewDeviations();
}

class FewDeviations implements Strategy {
  readonly name = 'few deviations';
  readonly states = 0;
  readonly progress = undefined;
  /** One task that goes round is ended by the limit of steps; looking for the loop would take longer than many runs. */
  readonly looksForLoops = false;
  /** By what they cost. */
  readonly #waiting: Waiting[][] = [[]];
  #count = 0;
  #isCut = false;
  #isFirst = true;
  #run: Waiting = { choices: [], place: -1, choice: 0, cost: 0 };
  #made: Choice[] = [];
  #others: { readonly place: number; readonly choice: Choice }[] = [];

  /** Whether all runs have been tried, when none is left. */
  get isComplete(): boolean {
    return !this.#isCut;
  }

  begin(): boolean {
    this.#made = [];
    this.#others = [];
    if (this.#isFirst) {
      this.#isFirst = false;
      return true;
    }
    const cheapest = this.#waiting.find((some) => some.length > 0);
    const next = cheapest?.shift();
    if (next === undefined) return false;
    this.#count -= 1;
    this.#run = next;
    return true;
  }

  choose({ choices }: Point): Choice {
    const { choices: before, place, choice } = this.#run;
    const at = this.#made.length;
    const taken = at < place ? before[at] : at === place ? choice : preferred(choices);
    const made = taken !== undefined && choices.includes(taken) ? taken : preferred(choices);
    this.#made.push(made);
    if (at > place && choices.length > 1) {
      if (at >= MOST_PLACES) this.#isCut = true;
      // Values count downwards.
      else
        for (let i = choices.length - 1; i >= 0; i--) {
          const other = choices[i] ?? made;
          if (other !== made) this.#others.push({ place: at, choice: other });
        }
    }
    return made;
  }

  end(): void {
    const choices = this.#made;
    // One that led further costs nothing: it is where the next ones begin.
    const isFurther = choices.length <= MOST_FURTHER && choices.length > this.#run.choices.length;
    const cost = isFurther ? Math.max(0, this.#run.cost - 1) : this.#run.cost;
    for (const { place, choice } of this.#others) {
      if (this.#count === MOST_WAITING) {
        this.#isCut = true;
        return;
      }
      const all = cost + 1 + Math.floor(place / PLACES_PER_COST);
      while (this.#waiting.length <= all) this.#waiting.push([]);
      this.#waiting[all]?.push({ choices, place, choice, cost: all });
      this.#count += 1;
    }
  }
}

/** The first value, or the first actor. Choices are in ascending order, and values count down. */
function preferred(choices: readonly Choice[]): Choice {
  const last = choices.at(-1) ?? 0;
  return last < 0 ? last : (choices[0] ?? 0);
}
