/**
 * The rounds of a schedule: whether it has come back to where it was, goes round for ever, or has become too long.
 */
import type { ViolationFacts } from '../../machine/hardware.ts';
import type { ContextState } from '../../machine/violation.ts';
import type { Actor } from '../actor.ts';
import { END, actorOf, isInner } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { CycleWatch } from '../loops/cycle-watch.ts';
import type { Cycle } from '../loops/cycle-watch.ts';
import { endlessText } from '../loops/endless.ts';
import { livelock } from '../loops/livelock.ts';
import { Loops } from '../loops/loops.ts';
import { ROUNDS } from '../loops/patience.ts';
import type { Patience } from '../loops/patience.ts';
import type { Program } from '../program.ts';
import { OutOfTime } from '../world.ts';
import { titleOf } from './cast.ts';
import { Reruns } from './reruns.ts';
import type { Rerunnable } from './reruns.ts';

/** What is needed of an execution to follow its rounds; `Step` is how it keeps a step for a report. */
export interface Circling<Step> extends Rerunnable {
  readonly world: Rerunnable['world'] & {
    readonly program: Program;
    readonly names: readonly string[];
    schedule: Choice[];
    steps: Step[];
  };
  readonly actors: () => readonly Actor[];
  /** What could happen next, also what must wait. */
  readonly able: () => readonly Choice[];
  /** Whether the last steps of an actor changed nothing that is shared. */
  readonly onlyRead: (actor: number, steps: number) => boolean;
  /** The last step ended a round that is forgotten, so that the state is another. */
  readonly forgot: () => void;
  readonly violate: (facts: (context: ContextState) => ViolationFacts) => void;
}

/** The rounds of one execution. */
export class Rounds<Step> {
  readonly reruns: Reruns;
  /** Whether the last step ended a round that changed no local variable. */
  looped = false;
  /** Whether the schedule has come back to a state. */
  repeats = false;
  /** The round that the schedule ended in, if it did. */
  cycle: Cycle | undefined = undefined;
  /** Whether actors that only poll may be kept back in later schedules; the strategy must then start again. */
  losesPatience = false;
  /** Whether some schedule took turns from where it became too long, so that other ways to go on were not explored. */
  hasEndless = false;
  /** Why some schedule could not be explored to its end, if one could not. */
  unexplored: string | undefined = undefined;

  private readonly host: Circling<Step>;
  private readonly patience: Patience;
  private readonly loops: Loops;
  /** Whether it is looked for loops at all. */
  looksForLoops = true;
  /** What can happen next, also what must wait; kept where a cycle is looked for. */
  #enabled: readonly Choice[] = [];
  /** Whether the schedule is run again to tell why it is endless. */
  #isToldEndless = false;
  /** The states of the schedule, from where an actor was first seen to loop. */
  #cycles: CycleWatch | undefined = undefined;

  constructor(host: Circling<Step>, patience: Patience) {
    this.host = host;
    this.patience = patience;
    this.reruns = new Reruns(host);
    this.loops = new Loops(this.reruns);
  }

  /** Whether it is looked for states that come back. */
  get areFollowed(): boolean {
    return this.#cycles !== undefined;
  }

  /** Whether any loop was found, in whatever schedule. */
  get hasLoops(): boolean {
    return this.loops.hasFound;
  }

  /** A schedule begins. */
  begin(): void {
    this.looped = false;
    this.repeats = false;
    this.#cycles = undefined;
    this.cycle = undefined;
  }

  /** Told what can happen next, before some of it must wait. */
  offer(choices: readonly Choice[]): void {
    if (this.#cycles !== undefined) this.#enabled = [...choices];
  }

  /** An actor has taken a step, which began with decision `first` of the schedule. */
  stepEnded(index: number, first: number): void {
    const { host } = this;
    this.looped = this.looksForLoops && !this.#isOver && this.#rerunning(() => this.loops.ended(index));
    if (this.looped) {
      host.forgot();
      if (this.#cycles === undefined) this.#enabled = [...host.world.choices];
      this.#cycles ??= new CycleWatch();
    }
    if (this.#cycles !== undefined && host.acting.violation === undefined)
      this.#checkCycle(this.#cycles, first);
  }

  /** Ends a schedule that has become too long. */
  tooLong(): void {
    // A strategy that is not fair can let one task wait for ever, which says nothing about the program.
    if (this.repeats) {
      this.host.acting.isGivenUp = true;
      return;
    }
    const steps = String(this.host.world.schedule.length);
    this.host.violate((context) => ({
      rule: 'no-progress',
      severity: 'bug',
      what: `the schedule has not ended after ${steps} steps`,
      context,
    }));
  }

  /** Notes why other ways to go on are not explored, and who is to wait in later schedules. */
  leaveOut(): void {
    this.#rerunning(() => {
      this.#leaveOut();
    });
  }

  get #isOver(): boolean {
    return this.host.acting.isOver;
  }

  /** Does work that may run the schedule again; if the time ends in it, the schedule is as before. */
  #rerunning<T>(work: () => T): T {
    const { world } = this.host;
    const { schedule, steps } = world;
    const [decisions, taken] = [schedule.length, steps.length];
    try {
      return work();
    } catch (error) {
      if (error instanceof OutOfTime) {
        world.schedule = schedule.slice(0, decisions);
        world.steps = steps.slice(0, taken);
      }
      throw error;
    }
  }

  #leaveOut(): void {
    if (this.#isToldEndless || this.#isOver) return;
    const { host } = this;
    this.hasEndless = true;
    const polling = host.actors().filter((actor) => this.#onlyPolls(actor));
    const who = polling[0] ?? host.actor(host.world.last);
    this.unexplored ??= this.#endless(who, polling);
    if (this.losesPatience) for (const { index } of polling) this.patience.loseWith(index);
  }

  #endless(who: Actor, polling: readonly Actor[]): string {
    const { host } = this;
    const able = new Set(
      host
        .able()
        .filter((choice) => choice !== END)
        .map(actorOf),
    );
    const waiting = [...able]
      .map((index) => host.actor(index))
      .filter((actor) => actor !== who && !polling.includes(actor));
    const names = waiting.map((actor) => titleOf(host.world.program, actor));
    const title = titleOf(host.world.program, who);
    const { period } = who.history.repeated;
    this.#isToldEndless = true;
    try {
      return endlessText(title, names, this.reruns.loopOf(who.index, period));
    } finally {
      this.#isToldEndless = false;
    }
  }

  /** Whether an actor has learnt the same again and again, and changed nothing that is shared. */
  #onlyPolls({ index, history, hasEnded }: Actor): boolean {
    const { times, period } = history.repeated;
    return !hasEnded && times >= 2 * ROUNDS && this.host.onlyRead(index, period);
  }

  /** Ends a schedule that would go round for ever although every actor gets its turn. */
  #checkCycle(cycles: CycleWatch, first: number): void {
    const { host } = this;
    const key = host.world.stateKey();
    if (key === undefined) return;
    const schedule = host.world.schedule;
    const acted = schedule.slice(first).filter((choice) => !isInner(choice));
    // An interrupt that need not come is not starved when it does not.
    const enabled = this.#enabled.flatMap((choice) =>
      choice === END || host.actor(actorOf(choice)).mayStayAway ? [] : actorOf(choice),
    );
    const cycle = cycles.note(key, acted.map(actorOf), enabled, schedule.length);
    this.repeats = cycle !== undefined;
    if (cycle === undefined || cycle.starved.size > 0) return;
    this.cycle = cycle;
    host.violate((context) => livelock(cycle, host.world.names, context));
  }
}
