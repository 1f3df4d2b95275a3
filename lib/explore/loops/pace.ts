/**
 * How long a schedule may go on, and who goes on where it has become too long.
 *
 * A strategy that is not fair can let one actor go on for ever while others wait, which says nothing about the program.
 * So from the limit of steps on all actors take turns, for as many steps again. What has not ended then does not end.
 */
import type { Actor } from '../actor.ts';
import { END, actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { Patience } from './patience.ts';
import { takeTurns } from './turns.ts';

/** What becomes of a schedule after a step. */
export type Stage = 'goes on' | 'takes turns from here' | 'is too long';

/** The pace of one execution. */
export class Pace {
  readonly patience: Patience = new Patience();
  /** Steps after which a schedule counts as one that does not end. */
  readonly most: number;
  #takesTurns = false;
  /** How long the schedule was when two actors could act for the last time, from the half of its length on. */
  #contendedAt = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** A schedule begins. */
  begin(): void {
    this.patience.begin();
    this.#takesTurns = false;
    this.#contendedAt = 0;
  }

  /** A step has ended. */
  stageAt(length: number): Stage {
    if (length <= this.most) return 'goes on';
    if (this.#takesTurns) return length > 2 * this.most ? 'is too long' : 'goes on';
    // Turns change nothing where one actor is alone.
    if (this.#contendedAt === 0) return 'is too long';
    this.#takesTurns = true;
    return 'takes turns from here';
  }

  /** Leaves out the choices of those who must wait. */
  restrict(choices: Choice[], length: number, last: number, actorAt: (index: number) => Actor): void {
    const isEarly = 2 * length <= this.most && this.patience.lost === 0;
    if (isEarly || choices.includes(END)) return;
    if (2 * length > this.most && isContended(choices, actorAt)) this.#contendedAt = length;
    if (!this.#takesTurns) {
      this.patience.restrict(choices, last, actorAt);
      return;
    }
    const needed = choices.filter((choice) => !actorAt(actorOf(choice)).mayStayAway);
    const turn = takeTurns({ choices: needed.length > 0 ? needed : choices, last });
    if (choices.includes(turn)) choices.splice(0, choices.length, turn);
  }
}

function isContended(choices: readonly Choice[], actorAt: (index: number) => Actor): boolean {
  const able = new Set(choices.map(actorOf).filter((index) => !actorAt(index).mayStayAway));
  return able.size > 1;
}
