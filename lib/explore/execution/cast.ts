/**
 * The actors of one schedule.
 */
import { ConfigError } from '../../base/invariant.ts';
import { LockQueue } from '../../kernel/locking/lock.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { Actor, Stage } from '../actor.ts';
import { DeviceActor } from '../actors/device-actor.ts';
import { InterruptActor } from '../actors/interrupt-actor.ts';
import { TaskActor } from '../actors/task-actor.ts';
import { ThreadedInterruptActor } from '../actors/threaded-interrupt-actor.ts';
import { END } from '../choice.ts';
import type { Choice } from '../choice.ts';
import type { Program } from '../program.ts';
import type { Held } from '../world.ts';

/** The actors of a program on one machine, as schedules number them: tasks, interrupts, devices. */
export class Cast {
  readonly actors: readonly Actor[];
  readonly tasks: readonly TaskActor[];
  /** Interrupts whose handlers run in interrupt context. */
  readonly interrupts: readonly InterruptActor[];

  constructor(stage: Stage) {
    const { program, machine } = stage;
    const tasks = Object.entries(program.tasks).map(
      ([name, spec], i) => new TaskActor(i, name, stage, typeof spec === 'function' ? { run: spec } : spec),
    );
    const actors: Actor[] = [...tasks];
    const interrupts: InterruptActor[] = [];
    for (const [name, spec] of Object.entries(program.interrupts ?? {})) {
      const threaded =
        spec.thread === true || (machine.config.preemptRt && spec.kind !== 'nmi' && spec.noThread !== true);
      if (threaded) actors.push(new ThreadedInterruptActor(actors.length, name, stage, spec));
      else {
        const actor = new InterruptActor(actors.length, name, stage, spec);
        interrupts.push(actor);
        actors.push(actor);
      }
    }
    for (const [name, spec] of Object.entries(program.devices ?? {})) {
      actors.push(
        new DeviceActor(actors.length, name, stage, typeof spec === 'function' ? { run: spec } : spec),
      );
    }
    this.actors = actors;
    this.tasks = tasks;
    this.interrupts = interrupts;
  }

  /** The actor of a number. */
  at(index: number): Actor {
    const actor = this.actors[index];
    if (actor === undefined) throw new ConfigError(`no actor ${String(index)} in this program`);
    return actor;
  }

  /** The interrupt of a name. */
  interrupt(name: string): Required<Pick<Actor, 'raise'>> {
    const actor = this.actors.find((other) => other.name === name);
    if (actor?.raise === undefined) throw new ConfigError(`no interrupt "${name}" in this program`);
    return { raise: actor.raise.bind(actor) };
  }

  /** Whether an interrupt must run on a CPU before the task there goes on. */
  mustRunOn(cpu: Cpu): boolean {
    return this.interrupts.some((actor) => actor.mustRunOn(cpu));
  }

  /** The actors that something holds; `id` numbers resources. */
  held(id: (name: string) => number): ReadonlyMap<number, Held> {
    const held = new Map<number, Held>();
    for (const actor of this.actors) {
      if (actor.hasEnded) continue;
      const { sleepsOn, keptOutBy } = actor;
      const queue =
        sleepsOn === undefined || !isFollowed(sleepsOn) ? undefined : id(`queue ${sleepsOn.name}`);
      const by = keptOutBy && this.actors.find(({ context }) => context === keptOutBy)?.index;
      if (queue !== undefined || by !== undefined) held.set(actor.index, { queue, by });
    }
    return held;
  }

  /** Puts what can happen next into `choices`, in ascending order. */
  addChoices(choices: Choice[]): void {
    let mayEnd = true;
    for (const actor of this.actors) {
      const before = choices.length;
      actor.addChoices(choices);
      mayEnd &&= choices.length === before || actor.mayStayAway;
    }
    if (mayEnd && choices.length > 0) choices.push(END);
  }
}

/** Whether each use of a queue is in the footprints by its name. */
function isFollowed(queue: WaitQueue): boolean {
  return queue instanceof LockQueue || Object.getPrototypeOf(queue) === WaitQueue.prototype;
}

/** An actor as a message names it. */
export function titleOf(program: Program, { index, name }: Actor): string {
  const tasks = Object.keys(program.tasks).length;
  const interrupts = Object.keys(program.interrupts ?? {}).length;
  const kind = index < tasks ? 'task' : index < tasks + interrupts ? 'interrupt' : 'device';
  return `${kind} "${name}"`;
}
