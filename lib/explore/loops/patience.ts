/**
 * Which actors go first where one polls in a loop whose rounds are never the same state, because a variable counts them.
 *
 * A search in depth would let it go on up to the limit of steps, and the others wait. So after some equal rounds it looks
 * again only after another actor has taken a step. What more rounds lead to is left out, and the search is incomplete.
 */
import type { Actor } from '../actor.ts';
import { END, actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { takeTurns } from './turns.ts';

/** Equal rounds of one actor that are explored. */
export const ROUNDS = 16;

/** The order of actors in one execution after another. */
export class Patience {
  /** Actors whose loops were seen to go on up to the limit of steps while others waited. */
  readonly #lostWith = new Set<number>();
  /** The same of the schedule that runs, in which they go on as before. */
  readonly #next = new Set<number>();
  #steps = 0;
  /** The last step of an actor that does more than poll. */
  #progressAt = 0;
  readonly #actedAt = new Map<number, number>();

  /** How many actors do not go on freely any more. */
  get lost(): number {
    return this.#lostWith.size;
  }

  /** In later schedules an actor does not go on freely while it polls and others could act. */
  loseWith(actor: number): void {
    this.#next.add(actor);
  }

  /** Later schedules begin. Returns whether other choices are offered in them. */
  settle(): boolean {
    const { size } = this.#lostWith;
    for (const actor of this.#next) this.#lostWith.add(actor);
    this.#next.clear();
    return this.#lostWith.size > size;
  }

  /** A schedule begins. */
  begin(): void {
    this.#steps = 0;
    this.#progressAt = 0;
    this.#actedAt.clear();
  }

  /** An actor has taken a step. */
  acted(actor: Actor): void {
    if (this.#lostWith.size === 0) return;
    this.#steps += 1;
    this.#actedAt.set(actor.index, this.#steps);
    if (!this.#polls(actor)) this.#progressAt = this.#steps;
  }

  #polls(actor: Actor): boolean {
    return this.#lostWith.has(actor.index) && actor.history.repeated.times >= ROUNDS;
  }

  /** Whether an actor polls and has looked since another did more. */
  #waits(actor: Actor): boolean {
    return this.#polls(actor) && (this.#actedAt.get(actor.index) ?? 0) > this.#progressAt;
  }

  /** Leaves out what must wait. If all that can act only poll, they take turns. */
  restrict(choices: Choice[], last: number, actorAt: (index: number) => Actor): void {
    if (this.#lostWith.size === 0 || choices.includes(END)) return;
    const free = choices.filter((choice) => !this.#waits(actorAt(actorOf(choice))));
    if (free.length === choices.length) return;
    const isOptional = free.every((choice) => actorAt(actorOf(choice)).mayStayAway);
    const kept = isOptional ? [...free, ...turn(choices, free, last)] : free;
    const order = new Set(kept);
    choices.splice(0, choices.length, ...choices.filter((choice) => order.has(choice)));
  }
}

/** One choice of those that are not free. */
function turn(choices: readonly Choice[], free: readonly Choice[], last: number): readonly Choice[] {
  const rest = choices.filter((choice) => !free.includes(choice));
  return [takeTurns({ choices: rest, last })];
}
