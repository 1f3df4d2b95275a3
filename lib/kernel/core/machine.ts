/**
 * The machine: hardware with the kernel on it, and the contexts in which kernel code runs.
 *
 * Both are in one file, because a context refers to its machine and the machine records which context runs on each
 * CPU. There is no global state: every function takes the context it runs in.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkChoice, checkOptions } from '../../base/options.ts';
import { cpuId, taskId } from '../../base/units.ts';
import type { CpuId, TaskId } from '../../base/units.ts';
import type { MachineConfig } from '../../machine/config.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { Page } from '../../machine/memory.ts';
import type { Actor } from '../../machine/trace.ts';
import type { ContextState } from '../../machine/violation.ts';
import { dumpAddresses } from './address-dump.ts';
import type { AddressSpaceDump } from './address-dump.ts';
import { SlotStack } from '../parts/local-slots.ts';
import type { SlotUser } from '../parts/local-slots.ts';
import { checkCounts, disableCounts } from './disable-counts.ts';
import type { DisableCounts } from './disable-counts.ts';
import type { WaitQueue, Waiter } from '../parts/wait-queue.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window, WindowOwner } from '../window/window.ts';
import { beginInterrupt, checkArrival, endInterrupt } from './interrupt-counts.ts';
import type { InterruptKind } from './interrupt-counts.ts';
import { KernelState, refuseForeign } from './kernel-state.ts';
import type { MachineParts } from './kernel-state.ts';

/** The kinds of context, from the one that may sleep to the most restricted one. */
export type ContextKind = 'task' | InterruptKind;

/** A lock, as far as a context refers to it. */
export interface Holdable {
  readonly name: string;
  /** The contexts that hold it, once for each hold. */
  readonly holders: readonly Context[];
}

let locksIn: (context: Context) => Set<Holdable>;

/** The locks that a context has ever taken. */
export function locksEverTaken(context: Context): Set<Holdable> {
  return locksIn(context);
}

/** A context in which kernel code runs: a task, or an interrupt handler that interrupted one. */
export abstract class Context implements WindowOwner {
  readonly machine: Machine;
  readonly name: string;
  readonly kind: ContextKind;
  /** The task itself, or the interrupted task, whose slots and counts the handler uses. */
  abstract readonly task: Task;
  abstract readonly cpu: Cpu;
  #locks: Set<Holdable> | undefined = undefined;
  #actor: Actor | undefined = undefined;

  static {
    locksIn = (context) => (context.#locks ??= new Set());
  }

  constructor(machine: Machine, name: string, kind: ContextKind) {
    this.machine = machine;
    this.name = name;
    this.kind = kind;
  }

  /** Identifies the context in the trace; the same object as long as the context stays on its CPU. */
  get actor(): Actor {
    if (this.#actor?.cpu !== this.cpu.id) this.#actor = { name: this.name, cpu: this.cpu.id };
    return this.#actor;
  }

  /** The context's counts at this moment, for reports. */
  state(): ContextState {
    const { task } = this;
    return {
      name: this.name,
      kind: this.kind,
      cpu: this.cpu.id,
      preemptCount: task.preemptCount,
      pagefaultDisabled: task.pagefaultDisabled,
      migrateDisabled: task.migrateDisabled,
    };
  }
}

/** A task (`task_struct`): may sleep, be preempted and, unless that is disabled, migrate. */
export class Task extends Context implements SlotUser, Waiter {
  readonly id: TaskId;
  readonly task: Task = this;
  cpu: Cpu;
  preemptCount = 0;
  pagefaultDisabled = 0;
  /** `kmap_ctrl`: the local maps it holds. */
  readonly localMaps: SlotStack;
  /** Live local windows, oldest first; kept on checked machines, where their order is checked on lowmem too. */
  readonly localWindows: Window[] = [];
  /** Number of grants of the protection key; protected pages can be accessed while it is above 0. */
  keyGrants = 0;
  /** The queue that it sleeps on; it cannot run while this is set. */
  asleepOn: WaitQueue | undefined = undefined;
  exited = false;
  /** Number of `migrate_disable` calls; local maps are counted separately. */
  #migrateDisabled = 0;

  constructor(machine: Machine, id: number, name: string, cpu: Cpu) {
    super(machine, name, 'task');
    if (!Number.isSafeInteger(id))
      throw new ConfigError(`the id of a task is ${String(id)}; it must be whole`);
    this.id = taskId(id);
    this.cpu = cpu;
    this.localMaps = new SlotStack(machine.config.kmMaxIdx, machine.localSlots);
    this.localMaps.moveTo(cpu);
  }

  /** The number of `migrate_disable` calls plus the number of local maps in slots. */
  get migrateDisabled(): number {
    return this.#migrateDisabled + this.localMaps.depth;
  }

  set migrateDisabled(count: number) {
    this.#migrateDisabled = count - this.localMaps.depth;
  }

  /** Puts the task on a CPU. */
  moveTo(cpu: Cpu): void {
    this.localMaps.moveTo(cpu);
    this.cpu = cpu;
  }

  /** Ends the task. Mappings that it still holds and counts that it left raised are reported. */
  exit(): void {
    this.machine.exitTask(this);
  }
}

/** An interrupt handler that is running; it interrupted the context that its CPU was running. */
export class Interrupt extends Context {
  declare readonly kind: InterruptKind;
  readonly task: Task;
  readonly cpu: Cpu;
  /** Local maps of the interrupted task when the handler began; it must leave as many. */
  readonly localIdxAtEntry: number;
  readonly irqsDisabledAtEntry: boolean;
  /** Preemption, migration and page-fault counts of the interrupted task; it must leave them as they were. */
  readonly countsAtEntry: DisableCounts;
  /** What its CPU was running. */
  readonly interrupted: Context;
  /** The context that was executing, perhaps on another CPU. */
  readonly cpuAtEntry: Cpu;

  constructor(machine: Machine, name: string, kind: InterruptKind, interrupted: Context) {
    super(machine, name, kind);
    this.interrupted = interrupted;
    this.cpuAtEntry = machine.executing.cpu;
    this.task = interrupted.task;
    this.cpu = interrupted.cpu;
    this.localIdxAtEntry = this.task.localMaps.idx;
    this.irqsDisabledAtEntry = this.cpu.irqsDisabled;
    this.countsAtEntry = disableCounts(this.task);
  }
}

/** The options of a new task. */
export interface TaskOptions {
  /** The CPU it starts on. Default 0. */
  readonly cpu?: number;
}

/** A machine with a kernel on it. Build one with `createMachine`. */
export class Machine extends KernelState {
  private current: Context;
  /** While a release executes in another context: the context that its function was written for. */
  #standsInFor: Context | undefined = undefined;
  private readonly onCpu: Context[];
  private readonly idle: readonly Task[];
  readonly #tasks: Task[] = [];

  constructor(config: MachineConfig, parts: MachineParts = {}) {
    super(config, parts);
    this.idle = this.hardware.cpus.map(
      (cpu) => new Task(this, -1 - cpu.id, `swapper/${String(cpu.id)}`, cpu),
    );
    this.onCpu = [...this.idle];
    const [boot] = this.idle;
    if (boot === undefined) throw new ConfigError('a machine needs a cpu');
    this.current = boot;
    this.#execute(boot);
  }

  /** Refuses a context of another machine. */
  checkOwnContext(context: Context): void {
    if (context.machine !== this) refuseForeign(`${context.kind} "${context.name}" is a context`);
  }

  /** The context that is executing. */
  override get executing(): Context {
    return this.current;
  }

  protected override watchChanged(): void {
    this.#execute(this.current);
  }

  #execute(context: Context): void {
    this.current.task.localMaps.tokenZone = undefined;
    this.current = context;
    if (this.watch.isOff && !this.localSlots.isVariant && context === context.task)
      context.task.localMaps.tokenZone = this.hardware.memory.slotZone;
  }

  /** Tasks created so far, in order. */
  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** Creates a task. */
  task(name = `task${String(this.#tasks.length)}`, options: TaskOptions = {}): Task {
    checkOptions('task', options, { cpu: 'number' });
    const task = new Task(this, this.#tasks.length, name, this.hardware.cpu(options.cpu ?? 0));
    this.#tasks.push(task);
    return task;
  }

  /** The context on top of a CPU: an interrupt handler, or the current task. */
  running(cpu: CpuId): Context {
    const context = this.onCpu[cpu];
    if (context === undefined) throw new ConfigError(`no cpu ${String(cpu)}`);
    return context;
  }

  /**
   * The kernel's address space at this moment: for each area what is mapped in it, frame by frame, and who holds it.
   * `formatAddressSpace` makes text of it.
   *
   * @linux ptdump_walk_pgd_level (7.2), read as /sys/kernel/debug/kernel_page_tables
   * @context any; does not sleep, and makes no context the executing one
   * @differs names frames and holders; lists what is mapped and no gaps; what a TLB still holds is not in it
   * @example
   * ```ts
   * const page = machine.allocPage({ zone: 'highmem' });
   * const window = kmapLocalPage(task, page);
   * const fixmap = machine.dumpAddressSpace().areas.find(({ name }) => name === 'fixmap');
   * console.assert(fixmap?.ranges[0]?.start === window.vaddr);
   * kunmapLocal(task, window);
   * ```
   */
  dumpAddressSpace(): AddressSpaceDump {
    const { hardware, pkmap, live } = this;
    return dumpAddresses({
      hardware,
      pkmap,
      live,
      taskOn: (cpu) => {
        const { name, localMaps } = this.running(cpuId(cpu)).task;
        return { name, idx: localMaps.idx };
      },
      isOnCpu: ({ owner }) => owner instanceof Context && this.running(owner.cpu.id).task === owner.task,
    });
  }

  /**
   * Makes a context the executing one; switches its CPU to it if another task runs there. Returns the context that
   * executes now: the given one or, inside `standIn`, the one that executes in its place.
   */
  enter(context: Context): Context {
    if (this.current !== context) return this.#activate(context);
    // Synchronised before anything changes: a late write that is found later would leave an operation half done.
    if (this.guardNow !== undefined) this.guardNow.syncArrays();
    else if (this.hardware.spreadArrays.isOut) this.hardware.spreadArrays.sync();
    return context;
  }

  /**
   * Runs a release function that was written for `context` while another context executes. The function may enter
   * `context`, but the other context goes on executing.
   */
  standIn(context: Context, release: () => void): void {
    const before = this.#standsInFor;
    this.#standsInFor = context;
    try {
      release();
    } finally {
      this.#standsInFor = before;
    }
  }

  #activate(context: Context): Context {
    this.checkOwnContext(context);
    if (context === this.#standsInFor) {
      this.guard?.syncArrays();
      return this.current;
    }
    const top = this.running(context.cpu.id);
    if (context instanceof Task) {
      if (context.exited) throw new ConfigError(`task "${context.name}" has exited`);
      if (top instanceof Interrupt) {
        throw new ConfigError(
          `task "${context.name}" cannot run: cpu${String(context.cpu.id)} is in ${top.kind} "${top.name}"`,
        );
      }
      if (top !== context) this.schedule(context);
    } else if (top !== context) {
      throw new ConfigError(`${context.kind} "${context.name}" is not running any more`);
    }
    this.guard?.syncArrays();
    this.#execute(context);
    return context;
  }

  /** Switches a task's CPU to it, as the scheduler does. A switch from an atomic section is a violation. */
  schedule(to: Task): void {
    this.checkOwnContext(to);
    const from = this.running(to.cpu.id);
    if (from !== to && (from instanceof Interrupt || from.task.preemptCount > 0)) {
      const why =
        from instanceof Interrupt
          ? `${from.kind} "${from.name}" runs`
          : `"${from.name}" has preemption disabled (count ${String(from.task.preemptCount)})`;
      this.hardware.violate({
        rule: 'sleep-in-atomic',
        severity: 'bug',
        what: `cpu${String(to.cpu.id)} would switch to "${to.name}" while ${why}`,
        context: from.state(),
        mapping: this.newestMappingOf(from)?.describe(),
      });
    }
    this.switchTo(to.cpu.id, to);
  }

  /** `context_switch`: switches without any check, and calls the kmap_local hooks. */
  switchTo(cpuId: CpuId, to: Task): void {
    this.checkOwnContext(to);
    const cpu = this.hardware.cpu(cpuId);
    const from = this.running(cpuId).task;
    if (from === to) return;
    this.guard?.syncArrays();
    if (from.localMaps.idx > 0) this.localSlots.schedOut(from, cpu);
    if (to.localMaps.idx > 0) this.localSlots.schedIn(to, cpu);
    to.moveTo(cpu);
    this.onCpu[cpuId] = to;
    this.#execute(to);
    this.hardware.ledger.contextSwitches += 1;
    this.hardware.trace?.record({ event: 'switch', cpu: cpuId, from: from.name, to: to.name });
  }

  /** Moves a task to another CPU, for tests; refused if the scheduler could not do it. */
  migrate(task: Task, cpu: number): void {
    this.checkOwnContext(task);
    if (task.migrateDisabled > 0) {
      throw new ConfigError(
        `task "${task.name}" cannot migrate: migrate_disable count is ${String(task.migrateDisabled)}`,
      );
    }
    const target = this.hardware.cpu(cpu);
    const top = this.running(task.cpu.id);
    if (top.task === task && (top !== task || task.preemptCount > 0)) {
      const why =
        top === task
          ? `preempt_disable count is ${String(task.preemptCount)}`
          : `${top.kind} "${top.name}" runs on top of it`;
      throw new ConfigError(`task "${task.name}" cannot migrate: ${why}`);
    }
    if (top === task) {
      const idle = this.idle[task.cpu.id];
      if (idle !== undefined) this.schedule(idle);
    }
    task.moveTo(target);
  }

  /** `kmap_local_fork`: a copy of the task, with counts of its own and no maps. */
  fork(parent: Task, name: string): Task {
    this.checkOwnContext(parent);
    if (parent.localMaps.idx > 0) {
      this.hardware.violate({
        rule: 'fork-with-maps',
        what: `task "${parent.name}" was copied with ${String(parent.localMaps.idx)} local map indexes in use`,
        context: parent.state(),
        details: [this.localSlots.dump(parent, parent.cpu)],
      });
    }
    return this.task(name, { cpu: parent.cpu.id });
  }

  /** Enters an interrupt on a CPU. Hard interrupts and NMIs run with interrupts disabled. */
  irqEnter(kind: InterruptKind, name: string, cpuNumber = 0): Interrupt {
    checkChoice('the kind of an interrupt', kind, ['softirq', 'hardirq', 'nmi']);
    const cpu = this.hardware.cpu(cpuNumber);
    checkArrival(cpu, kind, name);
    this.guard?.syncArrays();
    const irq = new Interrupt(this, name, kind, this.running(cpu.id));
    beginInterrupt(cpu, kind);
    this.onCpu[cpu.id] = irq;
    this.#execute(irq);
    this.hardware.trace?.record({ event: 'irq-enter', by: { name, cpu: cpu.id }, kind });
    return irq;
  }

  /** Leaves an interrupt. Local maps that the handler kept and counts that it changed are reported. */
  irqExit(irq: Interrupt): void {
    this.checkOwnContext(irq);
    if (this.running(irq.cpu.id) !== irq)
      throw new ConfigError(`${irq.kind} "${irq.name}" is not on top of its cpu`);
    this.guard?.syncArrays();
    this.#leave(irq);
    // A window that every context may use can outlive the handler that made it.
    const kept = this.mappings.heldBy(irq).findLast(({ scope }) => scope !== 'global');
    if (kept !== undefined || irq.task.localMaps.idx !== irq.localIdxAtEntry)
      this.mappings.reportLeak(irq, kept);
    else checkCounts(this.hardware, irq, irq.countsAtEntry);
  }

  #leave(irq: Interrupt): void {
    const { cpu } = irq;
    endInterrupt(cpu, irq.kind, irq.irqsDisabledAtEntry);
    this.onCpu[cpu.id] = irq.interrupted;
    // Read again, because the handler may have switched the CPU to another task.
    this.#execute(this.running(irq.cpuAtEntry.id));
    this.hardware.trace?.record({ event: 'irq-exit', by: irq.actor, kind: irq.kind });
  }

  /** Runs a handler in interrupt context on a CPU; it interrupts the context that runs there. */
  interrupt<T>(
    kind: InterruptKind,
    handler: (irq: Interrupt) => T,
    options: { readonly cpu?: number; readonly name?: string } = {},
  ): T {
    checkOptions('interrupt', options, { cpu: 'number', name: 'string' });
    const irq = this.irqEnter(kind, options.name ?? kind, options.cpu ?? 0);
    let result: T;
    try {
      result = handler(irq);
    } catch (error) {
      // A report of a leak here would hide the error that caused it.
      this.#leave(irq);
      throw error;
    }
    this.irqExit(irq);
    return result;
  }

  /** Returns a window object: a used one on a direct machine, a new one on a checked machine. */
  ramWindow(context: Context, page: Page, pageOffset: number, lengthBytes: number): RamWindow {
    this.checkOwn(page);
    return this.mappings.ramWindow(context, page, pageOffset, lengthBytes);
  }

  /** Ends a task; see `Task.exit`. */
  exitTask(task: Task): void {
    this.checkOwnContext(task);
    if (task.exited) throw new ConfigError(`task "${task.name}" has exited already`);
    this.guard?.syncArrays();
    // Another task may release a mapping that every context may use, so those are judged at a check or a program's end.
    const first = this.mappings.heldBy(task).find(({ scope }) => scope !== 'global');
    if (first !== undefined || task.localMaps.idx > 0) this.mappings.reportLeak(task, first);
    checkCounts(this.hardware, task, { preempt: 0, migrate: 0, pagefault: 0 });
    const idle = this.idle[task.cpu.id];
    if (this.running(task.cpu.id) === task && idle !== undefined) this.switchTo(task.cpu.id, idle);
    task.exited = true;
  }
}
