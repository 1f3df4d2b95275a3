/**
 * Runs a program outside the explorer: once, on a machine that is given, each actor in turn.
 *
 * The actors are those of the explorer, so a port does the same under both. There is no search, and no record of what a
 * step read, so it is fast enough for real data.
 */
import { ConfigError } from '../base/invariant.ts';
import type { Machine } from '../kernel/core/machine.ts';
import type { Cpu } from '../machine/cpu.ts';
import type { Actor, Stage } from '../explore/actor.ts';
import { DeviceActor } from '../explore/actors/device-actor.ts';
import { InterruptActor } from '../explore/actors/interrupt-actor.ts';
import { TaskActor } from '../explore/actors/task-actor.ts';
import { ThreadedInterruptActor } from '../explore/actors/threaded-interrupt-actor.ts';
import type { Choice } from '../explore/choice.ts';
import type { Program, Surroundings } from '../explore/program.ts';

/** Rounds after which a program counts as one that does not end. */
const MOST_ROUNDS = 50_000_000;

/** Runs a program to its end and returns what its actors shared; `isOver` is asked after each step. */
export function runProgram<S extends object>(
  program: Program<S>,
  machine: Machine,
  isOver?: (shared: object) => boolean,
): object;
export function runProgram(
  program: Program,
  machine: Machine,
  isOver: (shared: object) => boolean = () => false,
): object {
  return new RoundRobin(program, machine).run(isOver);
}

class RoundRobin implements Stage {
  readonly program: Program;
  readonly machine: Machine;
  readonly shared: object;
  readonly surroundings: Surroundings;
  private readonly actors: readonly Actor[];
  readonly #choices: Choice[] = [];

  constructor(program: Program, machine: Machine) {
    this.program = program;
    this.machine = machine;
    this.shared = program.setup?.(machine) ?? {};
    this.surroundings = {
      machine,
      raise: (name) => {
        this.#raise(name);
      },
      choose: () => 0,
      note: () => undefined,
    };
    this.actors = this.#makeActors();
  }

  run(isOver: (shared: object) => boolean): object {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      let isIdle = true;
      for (const actor of this.actors) {
        const choices = this.#choices;
        choices.length = 0;
        actor.addChoices(choices);
        const [choice] = choices;
        if (choice === undefined) continue;
        isIdle = false;
        actor.act(choice);
        if (isOver(this.shared)) return this.shared;
      }
      if (isIdle) {
        this.#judge();
        return this.shared;
      }
    }
    throw new ConfigError(
      `"${this.program.name ?? 'the program'}" did not end in ${String(MOST_ROUNDS)} rounds`,
    );
  }

  softirqFirst(cpu: Cpu): boolean {
    return this.actors.some((actor) => actor instanceof InterruptActor && actor.mustRunOn(cpu));
  }

  #makeActors(): readonly Actor[] {
    const { tasks, interrupts = {}, devices = {} } = this.program;
    const actors: Actor[] = [];
    for (const [name, spec] of Object.entries(tasks))
      actors.push(
        new TaskActor(actors.length, name, this, typeof spec === 'function' ? { run: spec } : spec),
      );
    for (const [name, spec] of Object.entries(interrupts)) {
      const isThread = this.machine.config.preemptRt && spec.kind !== 'nmi' && spec.noThread !== true;
      const Kind = isThread ? ThreadedInterruptActor : InterruptActor;
      actors.push(new Kind(actors.length, name, this, spec));
    }
    for (const [name, spec] of Object.entries(devices))
      actors.push(
        new DeviceActor(actors.length, name, this, typeof spec === 'function' ? { run: spec } : spec),
      );
    return actors;
  }

  #raise(name: string): void {
    const actor = this.actors.find((other) => other.name === name);
    if (actor?.raise === undefined) throw new ConfigError(`no interrupt "${name}" in this program`);
    actor.raise(this.machine.executing);
  }

  /** Reports tasks and handlers that have not ended although no actor can go on. */
  #judge(): void {
    const stuck = this.actors.filter(({ isUnfinished }) => isUnfinished);
    const [first] = stuck;
    if (first === undefined) return;
    const waits = stuck.map(({ name, context }) => ({
      label: name,
      text: `waits for ${context?.task.asleepOn?.name ?? 'its CPU'}`,
    }));
    this.machine.hardware.violate({
      rule: 'deadlock',
      severity: 'bug',
      what: `"${first.name}" ${waits[0]?.text ?? ''} and no actor is left that can go on`,
      context: first.context?.state(),
      details: waits,
    });
  }
}
