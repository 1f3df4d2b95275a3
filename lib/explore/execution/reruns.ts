/**
 * Runs the schedule of an execution again, to see in it what is not followed otherwise: local variables, and lines.
 */
import type { Actor } from '../actor.ts';
import { actorOf, isInner } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { lineOf } from '../loops/loop-lines.ts';
import type { SeenLoop } from '../loops/endless.ts';
import type { LoopHost } from '../loops/loops.ts';
import { Suspended } from '../loops/suspended.ts';
import { Debugger } from '../sight/scopes.ts';
import { NondeterminismError } from '../strategy.ts';
import { OutOfTime, STOP } from '../world.ts';
import type { Decide, World } from '../world.ts';
import type { Acting } from './acting.ts';

/** What is needed of an execution to run its schedule again. */
export interface Rerunnable {
  readonly world: World & { readonly schedule: readonly Choice[]; readonly isBlind: boolean };
  readonly acting: Acting;
  readonly actor: (index: number) => Actor;
  /** `isAlone`: nothing more is done than the step, so the end of the schedule is not judged. */
  readonly take: (choice: Choice, isAlone: boolean) => void;
  /** Who decides from now on. Returns who did before. */
  readonly decideBy: (decide: Decide) => Decide;
  /** Looks for unseen state from the beginning of the schedule, for as long as the work takes. */
  readonly lookingFromBeginning: (work: () => void) => void;
}

/** Runs schedules of one execution again. */
export class Reruns implements LoopHost {
  private readonly host: Rerunnable;

  constructor(host: Rerunnable) {
    this.host = host;
  }

  get schedule(): readonly Choice[] {
    return this.host.world.schedule;
  }

  actor(index: number): Actor {
    return this.host.actor(index);
  }

  /** Runs a schedule again, without asking the strategy. */
  again(schedule: readonly Choice[], onStep?: (actor: Actor) => void): void {
    const { host } = this;
    let at = 0;
    const next = (): Choice => {
      at += 1;
      return schedule[at - 1] ?? STOP;
    };
    const before = host.decideBy(next);
    host.world.begin(next, 0);
    while (at < schedule.length) {
      const choice = next();
      const actor = host.actor(actorOf(choice));
      if (!host.world.choices.includes(choice))
        throw new NondeterminismError('a schedule that is run again offers other choices than before');
      this.#checkTime();
      host.take(choice, false);
      onStep?.(actor);
    }
    host.decideBy(before);
  }

  #checkTime(): void {
    if (this.host.world.isOver?.() === true)
      throw new OutOfTime('the time was over while a loop was looked at');
  }

  /** Runs a schedule again, with generators followed. */
  watch(schedule: readonly Choice[], onStep: (actor: Actor, seen: Suspended) => void): boolean {
    const { host } = this;
    const debug = Debugger.shared();
    const seen = debug === undefined ? undefined : new Suspended(debug);
    host.lookingFromBeginning(() => {
      const again = (): void => {
        this.again(schedule, (actor) => {
          if (seen !== undefined) onStep(actor, seen);
        });
      };
      if (seen === undefined || host.world.isBlind) again();
      else seen.during(() => host.acting.step?.[0].index ?? -1, again);
    });
    return !host.world.isBlind;
  }

  /** Lets an actor take a step, without interrupts inside of it. */
  alone(index: number): boolean {
    const { host } = this;
    const choice = host.world.choices.find((one) => actorOf(one) === index);
    if (choice === undefined) return false;
    this.#checkTime();
    const before = host.decideBy((point) => point.choices[0] ?? STOP);
    host.take(choice, true);
    host.decideBy(before);
    return host.acting.violation === undefined;
  }

  /** What the last round of an actor changed, and where it stops. */
  loopOf(index: number, period: number): SeenLoop {
    const now = this.actor(index).steps;
    let before: ReadonlyMap<string, number> = new Map();
    let loop: SeenLoop = { line: undefined, changed: [] };
    this.watch([...this.host.world.schedule], (actor, seen) => {
      if (actor.index !== index) return;
      if (actor.steps === now - period) before = seen.variables(index);
      if (actor.steps !== now) return;
      const changed = [...seen.variables(index)].filter(([name, hash]) => before.get(name) !== hash);
      const lines = seen.stops(index).flatMap((stop) => lineOf(stop) ?? []);
      loop = { line: lines.at(-1), changed: changed.map(([name]) => name) };
    });
    return loop;
  }

  /** The lines at which each actor stopped in the last steps of the schedule. */
  linesOfLast(steps: number): ReadonlyMap<string, ReadonlySet<string>> {
    const lines = new Map<string, Set<string>>();
    const schedule = [...this.schedule];
    const from = schedule.filter((choice) => !isInner(choice)).length - steps;
    let step = 0;
    this.watch(schedule, ({ index, name }, seen) => {
      step += 1;
      if (step <= from) return;
      const line = seen.stops(index).flatMap((stop) => lineOf(stop) ?? []);
      const own = lines.get(name) ?? new Set();
      lines.set(name, own);
      for (const one of line.slice(-1)) own.add(one);
    });
    return lines;
  }
}
