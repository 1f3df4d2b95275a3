/**
 * One given schedule. If it does not fit the program it is repaired by the nearest possible choice, because shrinking
 * tries many that do not fit; `replay.exact` tells whether that was needed, or steps were left.
 */
import { isInner } from '../choice.ts';
import type { Choice } from '../choice.ts';
import type { Strategy } from '../strategy.ts';
import { takeTurns } from '../loops/turns.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';

/** Runs one schedule; after its end, the actor that acted last goes on while it can and does not only wait. */
export class Replay implements Strategy {
  readonly name = 'replay';
  readonly states = 0;
  /** Whether every decision so far was possible as given and, once the schedule has ended, all of them were made. */
  exact = true;
  private readonly schedule: readonly Choice[];
  #at = 0;
  #begun = false;

  constructor(schedule: readonly Choice[]) {
    this.schedule = schedule;
  }

  /** Decisions of the schedule that were not taken yet. */
  get left(): number {
    return this.schedule.length - this.#at;
  }

  get progress(): number {
    return this.schedule.length === 0 ? 1 : Math.min(1, this.#at / this.schedule.length);
  }

  begin(): boolean {
    const first = !this.#begun;
    this.#begun = true;
    return first;
  }

  choose(point: Point): Choice {
    const { choices } = point;
    const given = this.schedule[this.#at];
    if (given !== undefined) {
      const inner = isInner(given);
      if (choices.includes(given)) {
        this.#at += 1;
        return given;
      }
      this.exact = false;
      // A decision for a point that is not here, or a point for which there is no decision.
      if (inner && !point.inner) {
        this.#at += 1;
        return this.choose(point);
      }
      if (!point.inner) this.#at += 1;
    }
    if (point.inner) return choices[0] ?? STOP;
    if (point.looped === true) return takeTurns(point);
    return choices.includes(point.last) ? point.last : (choices[0] ?? STOP);
  }

  end(): void {
    // Steps that are left belong to another program, or to one that has changed.
    if (this.left > 0) this.exact = false;
  }
}

/** Runs one schedule. */
export function replaySchedule(schedule: readonly Choice[]): Replay {
  return new Replay(schedule);
}
