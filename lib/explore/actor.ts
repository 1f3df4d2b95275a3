/**
 * Whoever can take a step: tasks, interrupts, devices.
 */
import type { Context, Interrupt, Machine, Task } from '../kernel/core/machine.ts';
import { maySleep } from '../kernel/core/preempt.ts';
import type { Sleeping, Step, WaitQueue } from '../kernel/parts/wait-queue.ts';
import type { Cpu } from '../machine/cpu.ts';
import type { Page } from '../machine/memory.ts';
import { cpuOf, onCpu } from './choice.ts';
import type { Choice } from './choice.ts';
import { environment } from './environment.ts';
import { Hash } from '../base/hash.ts';
import { LockQueue } from '../kernel/locking/lock.ts';
import type { DeviceSpec, InterruptSpec, Program, TaskSpec } from './program.ts';

/** Where actors act. */
export interface Stage {
  readonly machine: Machine;
  readonly program: Program;
  /** What `setup` answered, as actors see it. */
  readonly shared: object;
  readonly raise: (interrupt: string) => void;
  /** Whether a softirq must run on a CPU before its task goes on. */
  softirqFirst(cpu: Cpu): boolean;
}

/** One actor of one execution. */
export abstract class Actor {
  readonly index: number;
  readonly name: string;
  protected readonly stage: Stage;
  /** What it has learnt; with `steps`, what its local variables hold. */
  readonly learnt: Hash = new Hash();
  /** Pages whose bytes it was given raw. */
  readonly exposed: Set<Page> = new Set<Page>();
  steps = 0;

  constructor(index: number, name: string, stage: Stage) {
    this.index = index;
    this.name = name;
    this.stage = stage;
  }

  /** The context in which it runs now, if it has one. */
  abstract readonly context: Context | undefined;
  /** Adds what it can do now. */
  abstract addChoices(choices: Choice[]): void;
  /** Takes a step. */
  abstract act(choice: Choice): void;

  /** The CPU on which a choice of this actor happens, if any. */
  cpuFor(choice: Choice): Cpu | undefined {
    const named = cpuOf(choice);
    return named < 0 ? this.context?.cpu : this.stage.machine.hardware.cpu(named);
  }

  /** Adds what the actor remembers to a state key. */
  addTo(hash: Hash): void {
    hash.add(this.steps).add(this.learnt.value);
  }
}

/** Whether a task gave its CPU away; one that spins did not. */
function gaveUp(task: Task): boolean {
  const queue = task.asleepOn;
  return queue !== undefined && !(queue instanceof LockQueue && queue.spins);
}

/** Runs a body in a task, step by step. */
abstract class TaskLike extends Actor {
  protected body: Sleeping<unknown> | undefined = undefined;
  #sleptOn: WaitQueue | undefined = undefined;
  #inVain = 0;

  abstract readonly task: Task;

  protected addRunChoices(choices: Choice[]): void {
    const { task } = this;
    if (task.asleepOn !== undefined) return;
    if (this.#canRunOn(task.cpu)) choices.push(this.index);
    if (this.stage.program.migrate !== true || task.migrateDisabled > 0 || task.preemptCount > 0) return;
    const isCurrent = this.stage.machine.running(task.cpu.id).task === task;
    if (isCurrent && !this.#canBeLeft(task.cpu)) return;
    for (const cpu of this.stage.machine.hardware.cpus) {
      if (cpu !== task.cpu && this.#canRunOn(cpu)) choices.push(onCpu(this.index, cpu.id));
    }
  }

  #canRunOn(cpu: Cpu): boolean {
    const top = this.stage.machine.running(cpu.id);
    if (top.kind !== 'task' || this.stage.softirqFirst(cpu)) return false;
    return top === this.task || gaveUp(top.task) || this.#canBeLeft(cpu);
  }

  /** Whether what runs on a CPU can be preempted. */
  #canBeLeft(cpu: Cpu): boolean {
    const top = this.stage.machine.running(cpu.id);
    return top.kind === 'task' && top.task.preemptCount === 0 && !cpu.irqsDisabled && cpu.softirqDepth === 0;
  }

  /** One step of the body in the task; answers whether it ended, and with what. */
  protected run(body: Sleeping<unknown>, choice: Choice): IteratorResult<Step, unknown> {
    const { machine } = this.stage;
    const named = cpuOf(choice);
    if (named >= 0) machine.migrate(this.task, named);
    machine.enter(this.task);
    const result = body.next();
    if (result.done !== true) this.#slept(result.value);
    return result;
  }

  #slept(step: Step): void {
    const { task } = this;
    const { machine, program } = this.stage;
    const queue = task.asleepOn;
    if (step === undefined || queue === undefined) {
      this.#sleptOn = undefined;
      return;
    }
    if (gaveUp(task) && !maySleep(task)) {
      machine.hardware.violate({
        rule: 'sleep-in-atomic',
        severity: 'bug',
        what: `"${task.name}" sleeps on ${queue.name} in an atomic section (preempt count ${String(task.preemptCount)})`,
        context: task.state(),
        mapping: machine.newestMappingOf(task)?.describe(),
      });
    }
    this.#inVain = this.#sleptOn === queue ? this.#inVain + 1 : 0;
    this.#sleptOn = queue;
    if (this.#inVain > (program.starvationBound ?? Infinity)) {
      machine.hardware.violate({
        rule: 'starvation',
        severity: 'bug',
        what: `"${task.name}" was woken ${String(this.#inVain)} times from ${queue.name} and found nothing; the bound is ${String(program.starvationBound)}`,
        context: task.state(),
      });
    }
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    if (this.stage.program.starvationBound !== undefined) hash.add(this.#inVain);
  }
}

/** A task of the program. */
export class TaskActor extends TaskLike {
  readonly task: Task;
  done = false;
  result: unknown = undefined;

  constructor(index: number, name: string, stage: Stage, spec: TaskSpec<object>) {
    super(index, name, stage);
    const { machine } = stage;
    this.task = machine.task(name, { cpu: spec.cpu ?? 0 });
    this.body = spec.run(environment({ task: this.task, machine, raise: stage.raise }, stage.shared));
  }

  get context(): Task {
    return this.task;
  }

  addChoices(choices: Choice[]): void {
    if (!this.done) this.addRunChoices(choices);
  }

  act(choice: Choice): void {
    if (this.body === undefined) return;
    const result = this.run(this.body, choice);
    if (result.done !== true) return;
    this.done = true;
    this.result = result.value;
    this.stage.machine.guard?.settle();
    this.task.exit();
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    hash.add(this.done ? 1 : 0);
  }
}

/** When an interrupt may arrive: what a handler in interrupt context and one in a thread share. */
class Arrivals {
  private readonly stage: Stage;
  private readonly spec: InterruptSpec<object>;
  private readonly env: Parameters<NonNullable<InterruptSpec<object>['when']>>[0];
  /** Raised and not yet served. */
  raised = 0;
  /** The CPU on which it was raised, for softirqs; and whether by a hard interrupt. */
  raisedOn = -1;
  urgent = false;
  served = 0;

  constructor(stage: Stage, spec: InterruptSpec<object>) {
    this.stage = stage;
    this.spec = spec;
    this.env = environment({ machine: stage.machine, raise: stage.raise }, stage.shared);
  }

  /** Whether one is due, as far as its own declaration goes. */
  get due(): boolean {
    const { times, onlyRaised, when } = this.spec;
    if (this.served >= (times ?? (onlyRaised === true ? Infinity : 1))) return false;
    if (onlyRaised === true && this.raised === 0) return false;
    return when === undefined || when(this.env);
  }

  /** The CPUs on which it could arrive. */
  get cpus(): readonly Cpu[] {
    const { cpus } = this.stage.machine.hardware;
    if (this.raisedOn >= 0) return cpus.filter((cpu) => cpu.id === this.raisedOn);
    const { cpu } = this.spec;
    return cpu === 'any' ? cpus : cpus.filter((other) => other.id === (cpu ?? 0));
  }

  serve(): void {
    this.served += 1;
    // Asked again as part of the step, so that what the condition reads is known.
    this.spec.when?.(this.env);
    if (this.raised > 0) this.raised -= 1;
    if (this.raised === 0) {
      this.raisedOn = -1;
      this.urgent = false;
    }
  }

  addTo(hash: Hash): void {
    hash
      .add(this.raised)
      .add(this.raisedOn)
      .add(this.served)
      .add(this.urgent ? 1 : 0);
  }
}

/** An actor that others can make pending. */
interface Raisable {
  readonly arrivals: Arrivals;
}

/** An interrupt whose handler runs on top of whatever its CPU was doing. */
export class InterruptActor extends Actor implements Raisable {
  readonly kind: InterruptSpec<object>['kind'];
  readonly arrivals: Arrivals;
  private readonly spec: InterruptSpec<object>;
  #irq: Interrupt | undefined = undefined;
  #body: Sleeping<unknown> | undefined = undefined;
  #waitsFor: LockQueue | undefined = undefined;

  constructor(index: number, name: string, stage: Stage, spec: InterruptSpec<object>) {
    super(index, name, stage);
    this.spec = spec;
    this.kind = spec.kind;
    this.arrivals = new Arrivals(stage, spec);
  }

  get context(): Interrupt | undefined {
    return this.#irq;
  }

  override cpuFor(choice: Choice): Cpu | undefined {
    return this.#irq?.cpu ?? (cpuOf(choice) < 0 ? this.arrivals.cpus[0] : super.cpuFor(choice));
  }

  addChoices(choices: Choice[]): void {
    if (this.#irq !== undefined) {
      const onTop = this.stage.machine.running(this.#irq.cpu.id) === this.#irq;
      if (onTop && (this.#waitsFor === undefined || this.#waitsFor.lock.free)) choices.push(this.index);
      return;
    }
    if (!this.arrivals.due) return;
    const cpus = this.arrivals.cpus;
    for (const cpu of cpus) if (this.canArriveOn(cpu)) choices.push(this.#choiceOn(cpu));
  }

  /** Adds the choice to arrive on one CPU, at a marked point there. */
  addArrival(cpu: Cpu, choices: Choice[]): void {
    if (this.#irq !== undefined || !this.arrivals.due || !this.arrivals.cpus.includes(cpu)) return;
    if (this.canArriveOn(cpu)) choices.push(this.#choiceOn(cpu));
  }

  #choiceOn(cpu: Cpu): Choice {
    return this.spec.cpu === 'any' && this.arrivals.raisedOn < 0 ? onCpu(this.index, cpu.id) : this.index;
  }

  /** Whether the CPU takes an interrupt of this kind now. */
  canArriveOn(cpu: Cpu): boolean {
    if (this.kind === 'nmi') return cpu.nmiDepth === 0;
    if (cpu.nmiDepth > 0 || cpu.hardirqDepth > 0 || cpu.irqsDisabled) return false;
    return this.kind === 'hardirq' || cpu.softirqDepth === 0;
  }

  act(choice: Choice): void {
    if (this.#irq === undefined) this.#arrive(choice);
    else this.#step();
  }

  /** Arrives at a marked point inside a step and runs to its end there. */
  runThrough(choice: Choice): void {
    this.#arrive(choice);
    while (this.#irq !== undefined) {
      if (this.#waitsFor !== undefined && !this.#waitsFor.lock.free) this.#spinsForEver(this.#waitsFor);
      this.#step();
    }
  }

  #arrive(choice: Choice): void {
    const { machine } = this.stage;
    const cpu = this.cpuFor(choice);
    this.arrivals.serve();
    const irq = machine.irqEnter(this.kind, this.name, cpu?.id ?? 0);
    this.#irq = irq;
    const body = this.spec.run(environment({ irq, machine, raise: this.stage.raise }, this.stage.shared));
    if (typeof body === 'object') {
      this.#body = body;
      this.#step();
    } else this.#leave(irq);
  }

  #step(): void {
    const { machine } = this.stage;
    const irq = this.#irq;
    if (irq === undefined || this.#body === undefined) return;
    machine.enter(irq);
    const result = this.#body.next();
    if (result.done === true) {
      this.#leave(irq);
      return;
    }
    const queue = result.value?.sleepOn;
    this.#waitsFor = queue instanceof LockQueue && queue.spins ? queue : undefined;
    if (queue !== undefined && this.#waitsFor === undefined) {
      machine.hardware.violate({
        rule: 'sleep-in-atomic',
        severity: 'bug',
        what: `${this.kind} "${this.name}" sleeps on ${queue.name}`,
        context: irq.state(),
        mapping: machine.newestMappingOf(irq)?.describe(),
      });
    }
  }

  #leave(irq: Interrupt): void {
    this.#irq = undefined;
    this.#body = undefined;
    this.#waitsFor = undefined;
    this.stage.machine.irqExit(irq);
  }

  #spinsForEver(queue: LockQueue): void {
    this.stage.machine.hardware.violate({
      rule: 'deadlock',
      severity: 'bug',
      what: `${this.kind} "${this.name}" spins for ${queue.name}, held by ${queue.lock.holders.map((h) => `"${h.name}"`).join(', ')}, which it interrupted`,
      context: this.#irq?.state(),
    });
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    this.arrivals.addTo(hash);
    hash.add(this.#irq === undefined ? -1 : this.#irq.cpu.id);
  }
}

/** An interrupt of PREEMPT_RT: its handler runs in a thread of its own. */
export class ThreadedInterruptActor extends TaskLike implements Raisable {
  readonly arrivals: Arrivals;
  readonly task: Task;
  private readonly spec: InterruptSpec<object>;

  constructor(index: number, name: string, stage: Stage, spec: InterruptSpec<object>) {
    super(index, name, stage);
    this.spec = spec;
    this.arrivals = new Arrivals(stage, spec);
    this.task = stage.machine.task(`irq/${name}`, { cpu: typeof spec.cpu === 'number' ? spec.cpu : 0 });
  }

  get context(): Task {
    return this.task;
  }

  addChoices(choices: Choice[]): void {
    if (this.body !== undefined || this.arrivals.due) this.addRunChoices(choices);
  }

  act(choice: Choice): void {
    const { machine } = this.stage;
    if (this.body === undefined) {
      this.arrivals.serve();
      this.body = this.#start(machine);
    }
    if (this.run(this.body, choice).done === true) this.body = undefined;
  }

  // A plain handler must run as a step of the thread, not before it was switched to.
  *#start(machine: Machine): Sleeping<void> {
    const body = this.spec.run(
      environment({ irq: this.task, machine, raise: this.stage.raise }, this.stage.shared),
    );
    if (typeof body === 'object') yield* body;
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    this.arrivals.addTo(hash);
    hash.add(this.body === undefined ? 0 : 1);
  }
}

/** A device. */
export class DeviceActor extends Actor {
  readonly context: undefined = undefined;
  private readonly body: Sleeping<unknown>;
  #waitsFor: LockQueue | undefined = undefined;
  #done = false;

  constructor(index: number, name: string, stage: Stage, spec: DeviceSpec<object>) {
    super(index, name, stage);
    this.body = spec.run(environment({ machine: stage.machine, raise: stage.raise }, stage.shared));
  }

  addChoices(choices: Choice[]): void {
    if (!this.#done && (this.#waitsFor === undefined || this.#waitsFor.lock.free)) choices.push(this.index);
  }

  act(): void {
    const result = this.body.next();
    this.#done = result.done === true;
    const queue = result.done === true ? undefined : result.value?.sleepOn;
    this.#waitsFor = queue instanceof LockQueue ? queue : undefined;
  }
}
