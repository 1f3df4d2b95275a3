/**
 * An actor: a task, an interrupt or a device, which takes the steps of a schedule.
 */
import type { Hash } from '../base/hash.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import type { WaitQueue } from '../kernel/parts/wait-queue.ts';
import type { Cpu } from '../machine/cpu.ts';
import type { Page } from '../machine/memory.ts';
import { cpuOf } from './choice.ts';
import type { Choice } from './choice.ts';
import { Learnt } from './learnt.ts';
import { History } from './loops/history.ts';
import type { Program, Surroundings } from './program.ts';

/**
 * Thrown through a step whose schedule is given up inside of it: without a message because it leads nowhere new, with one
 * because what would follow cannot be explored.
 */
export class GivenUp extends Error {}

/** What an actor needs of the execution in which it acts. */
export interface Stage {
  readonly machine: Machine;
  readonly program: Program;
  /** What `setup` returned, as actors see it. */
  readonly shared: object;
  /** What every actor is given besides its own things. */
  readonly surroundings: Surroundings;
  /** Whether it makes a difference which slot of the kmap pool a page has. */
  readonly followsPlaces?: boolean;
  /** Whether what an actor did before it ended may tell more than the state that it left. */
  readonly keepsHistories?: boolean;
  /** Whether a softirq must run on a CPU before its task goes on. */
  softirqFirst(cpu: Cpu): boolean;
}

/** In place of the length of a history. */
const FORGOTTEN = -2;

/** One actor of one execution. */
export abstract class Actor {
  readonly index: number;
  readonly name: string;
  protected readonly stage: Stage;
  /** Everything that its step has read so far. */
  readonly learnt: Learnt = new Learnt();
  /** The same of all steps before. It determines what the local variables hold. */
  readonly history: History = new History();
  /** Pages whose bytes it was given as a plain array. */
  readonly exposed: Set<Page> = new Set<Page>();
  steps = 0;

  constructor(index: number, name: string, stage: Stage) {
    this.index = index;
    this.name = name;
    this.stage = stage;
  }

  /** The context in which it runs now, if it has one. */
  abstract readonly context: Context | undefined;
  /** The queue on which it sleeps now, if it does. */
  get sleepsOn(): WaitQueue | undefined {
    return undefined;
  }

  /** The context that keeps the CPU on which alone it could act; `undefined` if there is none, or it is its own. */
  get keptOutBy(): Context | undefined {
    return undefined;
  }

  /** Makes an interrupt pending; `by` is the context that raised it, if it has a CPU. Only interrupts have it. */
  raise?(by: Context | undefined): void;
  /** Whether it has begun something and not ended it, so that a schedule must not end here. */
  get isUnfinished(): boolean {
    return false;
  }

  /** Whether a schedule may end although it has a choice: the arrival of an interrupt that need not come. */
  get mayStayAway(): boolean {
    return false;
  }

  /** Whether it takes no step any more. */
  get hasEnded(): boolean {
    return false;
  }

  /** Whether no local variable of its code is left, so that what it has learnt says nothing about what is to come. */
  get hasForgotten(): boolean {
    return this.hasEnded;
  }

  /** Whether it would act again if it could. */
  get hasMore(): boolean {
    return this.isUnfinished;
  }

  /** Adds the choices that this actor has now. */
  abstract addChoices(choices: Choice[]): void;
  /** Takes a step. */
  abstract act(choice: Choice): void;

  /** Names of the resources that every step of this actor changes. */
  get resources(): readonly string[] {
    return [`actor ${String(this.index)}`];
  }

  /** The CPU on which a choice of this actor happens, if any. */
  cpuFor(choice: Choice): Cpu | undefined {
    const named = cpuOf(choice);
    return named < 0 ? this.context?.cpu : this.stage.machine.hardware.cpu(named);
  }

  /** Notes that a step has ended. */
  stepEnded(): void {
    this.steps += 1;
    this.history.add(this.learnt.withPlaces, this.steps, this.learnt.value);
    this.learnt.reset();
  }

  /** Notes the end of a step that is known from before; what the actor has learnt in it is set afterwards. */
  stepRepeated(): void {
    this.steps += 1;
  }

  /** Adds what the actor remembers to a state key. */
  addTo(hash: Hash): void {
    const { history } = this;
    if (this.hasForgotten && this.stage.keepsHistories !== true) hash.add(FORGOTTEN);
    else hash.add(history.length).add(this.stage.followsPlaces === true ? history.key : history.placelessKey);
  }
}
