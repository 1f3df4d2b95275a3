/**
 * A task of the program, and what it shares with an interrupt that runs in a thread.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { Hash } from '../../base/hash.ts';
import type { Context, Task } from '../../kernel/core/machine.ts';
import { maySleep } from '../../kernel/core/preempt.ts';
import { LockQueue } from '../../kernel/locking/lock.ts';
import type { Sleeping, Step, WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Cpu } from '../../machine/cpu.ts';
import { Actor } from '../actor.ts';
import type { Stage } from '../actor.ts';
import { cpuOf, onCpu } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { environment } from '../environment.ts';
import { addStructure } from '../structure.ts';
import { queueOf, requireBody } from '../program.ts';
import type { TaskSpec } from '../program.ts';

/** Whether a task gave its CPU away. A task that spins keeps it. */
function gaveUp(task: Task): boolean {
  const queue = task.asleepOn;
  return queue !== undefined && !(queue instanceof LockQueue && queue.spins);
}

/** Runs a body in a task, step by step. */
export abstract class TaskLike extends Actor {
  protected body: Sleeping<unknown> | undefined = undefined;
  #sleptOn: WaitQueue | undefined = undefined;
  #inVain = 0;

  abstract readonly task: Task;

  override get sleepsOn(): WaitQueue | undefined {
    return this.task.asleepOn;
  }

  override get keptOutBy(): Context | undefined {
    const top = this.stage.machine.running(this.task.cpu.id);
    const canRun =
      top === this.task || (top.kind === 'task' && (gaveUp(top.task) || this.#canBeLeft(top.cpu)));
    return canRun ? undefined : top;
  }

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

  /** Takes one step of the body in the task. Returns whether the body ended, and with what result. */
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
    const named = queueOf(`"${task.name}"`, step);
    // A lock gives and takes its own waiters.
    if (named !== undefined && !(named instanceof LockQueue) && !named.waiters.includes(task)) {
      throw new ConfigError(
        `"${task.name}" yields { sleepOn: ${named.name} } and is not on that queue; call ${named.name}.add(task) before, or use waitEvent`,
      );
    }
    const queue = named === undefined ? undefined : task.asleepOn;
    if (queue === undefined) {
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
  /** What the body returned. */
  result: unknown = undefined;

  constructor(index: number, name: string, stage: Stage, spec: TaskSpec<object>) {
    super(index, name, stage);
    const { machine } = stage;
    this.task = machine.task(name, { cpu: spec.cpu ?? 0 });
    const env = environment({ task: this.task, ...stage.surroundings }, stage.shared);
    this.body = requireBody(`task "${name}"`, spec.run(env));
  }

  get context(): Task {
    return this.task;
  }

  override get isUnfinished(): boolean {
    return !this.done;
  }

  override get hasEnded(): boolean {
    return this.done;
  }

  // An object that it returned may be told from others by how it came to be.
  override get hasForgotten(): boolean {
    return this.done && Object(this.result) !== this.result;
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
    this.stage.machine.guard?.syncArrays();
    this.task.exit();
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    hash.add(this.done ? 1 : 0);
    if (this.done && this.hasForgotten) addStructure(hash, this.result);
  }
}
