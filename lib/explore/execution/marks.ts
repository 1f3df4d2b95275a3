/**
 * What was known at the beginning of each step of a schedule, for the next schedule that begins with the same steps.
 *
 * To try another order, a search runs the program again from its beginning. What such a step touches and what its actor
 * learns is as before, so the steps up to the new order need not be observed. They only have to be taken.
 */
import type { PhysicalMemory } from '../../machine/memory.ts';
import type { Actor } from '../actor.ts';
import type { Footprint } from '../footprint.ts';
import type { Remembered } from '../loops/history.ts';
import { Observed } from './observed.ts';
import type { Moment } from './observed.ts';

/** What an actor knew. */
interface Known {
  readonly last: Remembered | undefined;
  /** Frames of the pages whose bytes it was given. */
  readonly exposed: readonly number[];
}

/** The beginning of a step. */
interface Mark {
  /** Decisions before it. */
  readonly decisions: number;
  readonly moment: Moment;
  readonly actors: readonly Known[];
  /** What the step touches. */
  readonly footprint: Footprint;
}

const NONE: readonly number[] = [];

/** The steps of one schedule. */
export class Marks {
  readonly #marks: Mark[] = [];
  #repeated = 0;

  /** Steps at the beginning of this schedule that are repeated without being observed. */
  get repeated(): number {
    return this.#repeated;
  }

  /**
   * Begins a schedule whose first decisions are those of the schedule before, at most `most` steps of which are repeated;
   * all steps are observed if that is `undefined`. Returns what was observed before the step after them.
   */
  begin(sameDecisions: number | undefined, most: number, seen: Observed): Observed {
    this.#repeated = sameDecisions === undefined ? 0 : Math.min(most, this.stepsIn(sameDecisions));
    if (this.#repeated === 0) {
      this.#marks.length = 0;
      return new Observed(sameDecisions !== undefined);
    }
    this.#goBack(this.#repeated, seen);
    return seen;
  }

  /** Notes a step that begins after so many decisions. */
  add(decisions: number, seen: Observed, actors: readonly Actor[], footprint: Footprint): void {
    const known = actors.map(({ history, exposed }) => ({
      last: history.last,
      exposed: exposed.size === 0 ? NONE : Array.from(exposed, ({ pfn }) => pfn),
    }));
    this.#marks.push({ decisions, moment: seen.now, actors: known, footprint });
  }

  /** The number of steps that so many decisions complete; the step after them is known, too. */
  stepsIn(decisions: number): number {
    return Math.max(
      0,
      this.#marks.findLastIndex((mark) => mark.decisions <= decisions),
    );
  }

  /** The footprint of a step. */
  footprintOf(step: number): Footprint | undefined {
    return this.#marks[step]?.footprint;
  }

  /** Takes what was observed back to the beginning of a step, and forgets the steps after it. */
  #goBack(step: number, seen: Observed): void {
    this.#marks.length = Math.min(this.#marks.length, step + 1);
    const mark = this.#marks[step];
    if (mark !== undefined) seen.goBackTo(mark.moment);
  }

  /** Gives the actors what they knew at the beginning of the last step, which is forgotten: it is taken anew. */
  resume(actors: readonly Actor[], memory: PhysicalMemory): void {
    const mark = this.#marks.pop();
    for (const [i, { last, exposed }] of (mark?.actors ?? []).entries()) {
      const actor = actors[i];
      if (actor === undefined) continue;
      actor.history.last = last;
      actor.learnt.reset();
      for (const pfn of exposed) actor.exposed.add(memory.page(pfn));
    }
  }
}
