/**
 * An interrupt whose handler runs in interrupt context.
 */
import type { Hash } from '../../base/hash.ts';
import { Interrupt } from '../../kernel/core/machine.ts';
import type { Context } from '../../kernel/core/machine.ts';
import { LockQueue } from '../../kernel/locking/lock.ts';
import type { Lock } from '../../kernel/locking/lock.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Cpu } from '../../machine/cpu.ts';
import { Actor, GivenUp } from '../actor.ts';
import type { Stage } from '../actor.ts';
import { cpuOf, onCpu } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { environment } from '../environment.ts';
import { queueOf, requireBody } from '../program.ts';
import type { InterruptSpec } from '../program.ts';
import { Arrivals } from './arrivals.ts';

/** Whether a handler is, or runs on top of, a context. */
export function isBelow(context: Context, irq: Interrupt): boolean {
  for (let on: Context = irq; ; on = on.interrupted) {
    if (on === context) return true;
    if (!(on instanceof Interrupt)) return false;
  }
}

/** An interrupt whose handler runs on top of whatever its CPU was doing. */
export class InterruptActor extends Actor {
  private readonly kind: InterruptSpec<object>['kind'];
  private readonly arrivals: Arrivals;
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

  /** What the handler spins on; `undefined` if it does not. */
  get waitsFor(): LockQueue | undefined {
    return this.#waitsFor;
  }

  override get isUnfinished(): boolean {
    return this.#irq !== undefined;
  }

  // Each arrival runs the handler anew.
  override get hasForgotten(): boolean {
    return this.#irq === undefined;
  }

  override get keptOutBy(): Context | undefined {
    const [cpu, ...others] = this.#irq === undefined ? this.arrivals.cpus : [this.#irq.cpu];
    // A softirq comes where it was raised last.
    if (cpu === undefined || others.length > 0 || (this.#irq === undefined && this.kind === 'softirq'))
      return undefined;
    const top = this.stage.machine.running(cpu.id);
    const mayAct = this.#irq === undefined ? this.#canArriveOn(cpu) : top === this.#irq;
    return mayAct ? undefined : top;
  }

  override get hasMore(): boolean {
    return this.isUnfinished || this.arrivals.isOwed;
  }

  override get mayStayAway(): boolean {
    return this.#irq === undefined && this.arrivals.mayStayAway;
  }

  override get resources(): readonly string[] {
    return [...super.resources, `interrupt ${this.name}`];
  }

  // A softirq runs on the CPU on which it was raised. A device raises it on no CPU.
  override raise(by: Context | undefined): void {
    this.arrivals.raised += 1;
    if (this.kind !== 'softirq' || by === undefined) return;
    this.arrivals.raisedOn = by.cpu.id;
    this.arrivals.urgent = by.kind === 'hardirq';
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
    for (const cpu of cpus) if (this.#canArriveOn(cpu)) choices.push(this.#choiceOn(cpu));
  }

  /** Adds the choice to arrive on one CPU, at a marked point there. */
  addArrival(cpu: Cpu, choices: Choice[]): void {
    if (this.#irq !== undefined || !this.arrivals.due || !this.arrivals.cpus.includes(cpu)) return;
    if (this.#canArriveOn(cpu)) choices.push(this.#choiceOn(cpu));
  }

  #choiceOn(cpu: Cpu): Choice {
    return this.spec.cpu === 'any' && this.arrivals.raisedOn < 0 ? onCpu(this.index, cpu.id) : this.index;
  }

  /** Whether it must run on a CPU before the task there goes on. */
  mustRunOn(cpu: Cpu): boolean {
    const { arrivals } = this;
    return arrivals.urgent && arrivals.raisedOn === cpu.id && arrivals.due && this.#canArriveOn(cpu);
  }

  /** Whether the CPU takes an interrupt of this kind now. */
  #canArriveOn(cpu: Cpu): boolean {
    if (this.kind === 'nmi') return cpu.nmiDepth === 0;
    if (cpu.nmiDepth > 0 || cpu.irqsDisabled) return false;
    // A hard interrupt also arrives inside a handler that has let interrupts in.
    return this.kind === 'hardirq' || (cpu.hardirqDepth === 0 && cpu.softirqDepth === 0);
  }

  act(choice: Choice): void {
    if (this.#irq === undefined) this.#arrive(choice);
    else this.#step();
  }

  /** Arrives at a marked point inside a step and runs to its end there. */
  runThrough(choice: Choice): void {
    this.#arrive(choice);
    while (this.#irq !== undefined) {
      // Another CPU could free the lock, but it cannot take a step inside of this one.
      if (this.#waitsFor !== undefined && !this.#waitsFor.lock.free)
        throw new GivenUp(
          `${this.kind} "${this.name}" arrived inside a step and waits for ${this.#waitsFor.lock.name}, which another CPU holds`,
        );
      this.#step();
    }
  }

  #arrive(choice: Choice): void {
    const { machine } = this.stage;
    const cpu = this.cpuFor(choice);
    this.arrivals.serve();
    const irq = machine.irqEnter(this.kind, this.name, cpu?.id ?? 0);
    this.#irq = irq;
    const body = this.spec.run(environment({ irq, ...this.stage.surroundings }, this.stage.shared));
    if (typeof body === 'object' && body !== null) {
      this.#body = requireBody(`interrupt "${this.name}"`, body);
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
    const queue = queueOf(`interrupt "${this.name}"`, result.value);
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
    if (this.#waitsFor !== undefined) this.#checkSpin(irq, this.#waitsFor.lock);
  }

  #leave(irq: Interrupt): void {
    this.#irq = undefined;
    this.#body = undefined;
    this.#waitsFor = undefined;
    this.stage.machine.irqExit(irq);
  }

  /** Reports a handler that spins on a lock whose holder cannot go on before the handler ends. */
  #checkSpin(irq: Interrupt, lock: Lock): void {
    const holder = lock.free ? undefined : lock.holders.find((other) => isBelow(other, irq));
    if (holder === undefined) return;
    const who = holder === irq ? 'which it holds itself' : `held by "${holder.name}", which it interrupted`;
    this.stage.machine.hardware.violate({
      rule: 'deadlock',
      severity: 'bug',
      what: `${this.kind} "${this.name}" spins for ${lock.name}, ${who}`,
      context: irq.state(),
      details: [
        { label: this.name, text: `spins for ${lock.name}, ${who}` },
        { label: holder.name, text: `holds ${lock.name}, and goes on only when "${this.name}" has ended` },
      ],
    });
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    this.arrivals.addTo(hash);
    hash.add(this.#irq === undefined ? -1 : this.#irq.cpu.id);
  }
}
