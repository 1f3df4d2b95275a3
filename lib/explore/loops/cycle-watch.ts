/**
 * Notices that a schedule has come back to a state, so that it could go round for ever.
 */

/** A part of a schedule that ends in the state in which it began. */
export interface Cycle {
  /** Steps of one round. */
  readonly steps: number;
  /** Actors that take steps in it. */
  readonly acting: ReadonlySet<number>;
  /** Actors that could take a step somewhere in it and take none. */
  readonly starved: ReadonlySet<number>;
}

/** Steps after which only the shortest round is looked at: a strategy that is not fair can go round for long. */
const FAR = 1000;

interface Mark {
  /** Who acted in the step that led here. */
  readonly acted: readonly number[];
  /** Who can act here. */
  readonly enabled: readonly number[];
  /** How long the schedule is here. */
  readonly length: number;
}

/** The states of one schedule. */
export class CycleWatch {
  readonly #marks: Mark[] = [];
  readonly #places = new Map<number, { readonly first: number; last: number }>();
  /** Undoes the last mark. */
  #takeBack: () => void = () => undefined;

  /**
   * Notes the state after a step. Returns the round that it ends; one that starves no actor if there is one. A step that is
   * noted again, because the schedule was run again up to it, counts once.
   */
  note(key: number, acted: readonly number[], enabled: readonly number[], length: number): Cycle | undefined {
    if (this.#marks.at(-1)?.length === length) this.#takeBack();
    const at = this.#marks.length;
    this.#marks.push({ acted, enabled, length });
    const place = this.#places.get(key);
    const before = place?.last;
    this.#takeBack = () => {
      this.#marks.pop();
      if (place === undefined) this.#places.delete(key);
      else place.last = before ?? place.first;
    };
    if (place === undefined) {
      this.#places.set(key, { first: at, last: at });
      return undefined;
    }
    const shortest = this.#cycle(place.last);
    place.last = at;
    if (shortest.starved.size === 0 || at - place.first > FAR) return shortest;
    const longest = this.#cycle(place.first);
    return longest.starved.size === 0 ? longest : shortest;
  }

  #cycle(from: number): Cycle {
    const marks = this.#marks.slice(from + 1);
    const acting = new Set(marks.flatMap(({ acted }) => acted));
    const enabled = new Set(marks.flatMap((mark) => mark.enabled));
    return { steps: marks.length, acting, starved: new Set([...enabled].filter((one) => !acting.has(one))) };
  }
}
