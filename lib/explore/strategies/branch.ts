/**
 * Which choices of one point are tried: one actor's first, then those of actors whose steps race with what was tried.
 */
import { END, actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import type { Footprint } from '../footprint.ts';
import type { Held, Point, RaceFacts } from '../world.ts';
import type { Asleep } from './piece.ts';
import { add, addAll } from './races.ts';
import type { Future, Races } from './races.ts';

/** What is known of a choice that is not explored to its end. */
export interface Aside {
  readonly after: Future;
  readonly enabledAfter: ReadonlySet<Choice> | undefined;
}

/** The choices of one point of the path. */
export class Branch {
  /** What can happen from here on, as far as it was explored. */
  readonly future: Future;
  /** Choices that are awake and were not found to race. */
  waiting: Choice[] = [];
  /** Choices that were asleep when the point was reached, and would have to be tried if they were awake. */
  readonly asleepAndNeeded: Choice[] = [];
  private readonly races: Races;
  private readonly facts: RaceFacts | undefined;
  private readonly enabled: readonly Choice[];
  private readonly actors: ReadonlySet<number>;
  private readonly held: ReadonlyMap<number, Held>;
  private readonly asleep: readonly Asleep[];
  #hasBegun = false;
  /** What the current choice leads to, over all that can happen inside it. */
  #after: Future = [];
  /** The choices that there are after it, whatever happened inside it. */
  #enabledAfter: ReadonlySet<Choice> | undefined = undefined;

  /** `known` is what its state was found to lead to before. */
  constructor(races: Races, point: Point, asleep: readonly Asleep[], known: Future) {
    this.races = races;
    this.facts = point.racing;
    this.enabled = [...point.choices];
    this.actors = actorsOf(this.enabled);
    this.held = point.racing?.held() ?? new Map();
    this.asleep = [...asleep];
    this.future = [...known];
    // What a sleeping step leads to was explored elsewhere, and can happen from here.
    for (const other of asleep) addAll(this.future, other.future ?? races.unknown);
  }

  /** Takes the choices that are awake, the one to begin with first. Returns those that are tried for a start. */
  begin(open: readonly Choice[]): readonly Choice[] {
    this.#hasBegun = true;
    // Where the schedule may end, all that could come instead is tried.
    if (this.enabled.includes(END)) {
      this.asleepAndNeeded.push(...this.asleep.map(({ choice }) => choice));
      return open;
    }
    // Without an interrupt that may stay away, a schedule can end only after all others.
    const first = open.find((choice) => !this.#isOptional(choice)) ?? open[0];
    if (first !== undefined && this.#isOptional(first))
      this.asleepAndNeeded.push(...this.asleep.map(({ choice }) => choice));
    const actor = first === undefined ? -1 : actorOf(first);
    this.waiting = open.filter((choice) => actorOf(choice) !== actor);
    return open.filter((choice) => actorOf(choice) === actor);
  }

  #isOptional(choice: Choice): boolean {
    return this.facts?.mayStayAway(actorOf(choice)) === true;
  }

  /** Whether only some of its choices are tried; not so where others were tried from its state before. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The current choice has led to a point. */
  reached({ choices, racing }: Point): void {
    const before = this.#enabledAfter;
    this.#enabledAfter = new Set(choices.filter((choice) => before?.has(choice) !== false));
    // After the end that a broken rule made, or with an actor that is stuck, it is not known what could have happened.
    if (choices.length === 0 && racing?.isCut !== false) addAll(this.#after, this.races.unknown);
  }

  /** What the point leads to that the current choice has led to. */
  leadsTo(future: Future): void {
    addAll(this.#after, future);
  }

  /** The current choice was explored to its end: adds what races with it to `choices`. Returns what it leads to. */
  tried(choice: Choice, footprint: Footprint, choices: Choice[]): Future {
    const future = this.#after;
    const enabledAfter = this.#enabledAfter ?? new Set();
    this.#after = [];
    this.#enabledAfter = undefined;
    // The end is no event: it touches nothing, and nothing comes after it.
    if (choice === END) {
      addAll(this.future, future);
      return future;
    }
    const event = this.races.event(actorOf(choice), footprint);
    const racing = this.races.racing(event, future);
    add(future, event);
    addAll(this.future, future);
    this.#add(this.#alternatives(choice, footprint, racing, enabledAfter), choices);
    return future;
  }

  /**
   * The current choice is not explored to its end yet, and what follows it leads to `below` so far: adds what is known to
   * race with it to `choices`. Returns what the point is known to lead to.
   */
  triedSoFar(choice: Choice, footprint: Footprint | undefined, below: Future, choices: Choice[]): Future {
    const after = addAll([...this.#after], below);
    if (footprint !== undefined && choice !== END) {
      const event = this.races.event(actorOf(choice), footprint);
      const racing = this.races.racing(event, after);
      const enabledAfter = this.#enabledAfter ?? new Set(this.enabled);
      this.#add(this.#alternatives(choice, footprint, racing, enabledAfter), choices);
      add(after, event);
    }
    return addAll(after, this.future);
  }

  /** Takes out what is known of the current choice, which is explored later. */
  putAside(): Aside {
    const aside = { after: this.#after, enabledAfter: this.#enabledAfter };
    this.#after = [];
    this.#enabledAfter = undefined;
    return aside;
  }

  /** Goes on with a choice that was put aside. */
  takeUp({ after, enabledAfter }: Aside): void {
    this.#after = after;
    this.#enabledAfter = enabledAfter;
  }

  /** The actors to try here because of races of one step; `undefined` if all must be. */
  #alternatives(
    choice: Choice,
    footprint: Footprint,
    racing: ReadonlySet<number> | undefined,
    enabledAfter: ReadonlySet<Choice>,
  ): ReadonlySet<number> | undefined {
    if (racing === undefined) return undefined;
    const actor = actorOf(choice);
    const found = new Set<number>();
    for (const other of this.enabled) if (!enabledAfter.has(other)) found.add(actorOf(other));
    const actorsAfter = actorsOf([...enabledAfter]);
    for (const other of racing) {
      if (other === actor) continue;
      if (this.actors.has(other)) found.add(other);
      else if (!this.#comesLater(other, actor, footprint, actorsAfter)) return undefined;
    }
    found.delete(actor);
    return found;
  }

  /** Whether an actor that cannot act could do so only after a step of another, or after what races with that step. */
  #comesLater(actor: number, other: number, footprint: Footprint, actorsAfter: ReadonlySet<number>): boolean {
    const held = this.held.get(actor);
    if (held?.by === other) return true;
    // What would wake it races with the step, too.
    if (held?.queue !== undefined && footprint.has(held.queue)) return true;
    return actorsAfter.has(actor) && this.facts?.isOnlyWoken(actor) === true;
  }

  /** Moves the choices of actors to those that are tried; also those that sleepers of these actors race with. */
  #add(actors: ReadonlySet<number> | undefined, choices: Choice[]): void {
    choices.push(...this.waiting.filter((choice) => isOf(actors, choice)));
    this.waiting = this.waiting.filter((choice) => !isOf(actors, choice));
    for (const { choice, footprint, future } of this.asleep) {
      if (!isOf(actors, choice) || this.asleepAndNeeded.includes(choice)) continue;
      this.asleepAndNeeded.push(choice);
      const event = this.races.event(actorOf(choice), footprint);
      const racing = this.races.racing(event, future ?? this.races.unknown);
      this.#add(this.#alternatives(choice, footprint, racing, new Set(this.enabled)), choices);
    }
  }
}

/** Whether a choice is of one of some actors, which may be all. */
function isOf(actors: ReadonlySet<number> | undefined, choice: Choice): boolean {
  return actors === undefined || actors.has(actorOf(choice));
}

function actorsOf(choices: readonly Choice[]): ReadonlySet<number> {
  return new Set(choices.map(actorOf));
}
