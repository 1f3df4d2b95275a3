/**
 * One schedule: everybody who can act takes a step in turn. The first thing to try, and the fair one.
 */
import type { Choice } from '../choice.ts';
import { takeTurns } from '../loops/turns.ts';
import type { Strategy } from '../strategy.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';

/** Runs the one round-robin schedule. */
export function roundRobin(): Strategy {
  return new RoundRobin();
}

class RoundRobin implements Strategy {
  readonly name = 'round robin';
  readonly states = 0;
  #begun = false;

  get progress(): number {
    return this.#begun ? 1 : 0;
  }

  begin(): boolean {
    const first = !this.#begun;
    this.#begun = true;
    return first;
  }

  choose(point: Point): Choice {
    return point.inner ? (point.choices[0] ?? STOP) : takeTurns(point);
  }

  end(): void {}
}
