/**
 * A program: a small piece of kernel code with everything that can happen around it.
 */
import { ConfigError } from '../base/invariant.ts';
import { checkChoice, checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { configWhole } from '../base/whole.ts';
import type { MachineParts } from '../kernel/core/kernel-state.ts';
import type { Interrupt, Machine, Task } from '../kernel/core/machine.ts';
import type { DeviceWaiter } from '../kernel/parts/device-waiter.ts';
import { WaitQueue } from '../kernel/parts/wait-queue.ts';
import type { Sleeping, Step } from '../kernel/parts/wait-queue.ts';
import type { Mismatch } from './mismatch.ts';
import { resolveConfig } from '../machine/config.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { Page } from '../machine/memory.ts';
import type { RuleId } from '../machine/rules.ts';
import { checkTimes } from './times.ts';
import type { Times } from './times.ts';

/** What every actor is given, besides what `setup` returned. */
export interface Surroundings {
  readonly machine: Machine;
  /** Makes an interrupt that is declared `onlyRaised` pending. */
  readonly raise: (interrupt: string) => void;
  /**
   * A number from 0 up to, not including, `count`, and each of them is explored: input data, a failure that may happen,
   * a branch. At most 1000.
   */
  readonly choose: (count: number) => number;
  /** Writes a line into the timeline of a report. */
  readonly note: (text: string) => void;
}

/** What a task is given. What `setup` returned lies beside it. */
export type TaskEnv<S> = S & Surroundings & { readonly task: Task };

/** What an interrupt handler is given; `irq` is a task on PREEMPT_RT, where handlers are threads. */
export type InterruptEnv<S> = S & Surroundings & { readonly irq: Interrupt | Task };

/**
 * What a device is given. It reaches memory by `machine.physical(page)`, without a map. `self` is what it waits as:
 * `waitEvent(self, queue, condition)`, `completion.wait(self)`, or `yield { sleepOn: queue }` for the next wake-up.
 */
export type DeviceEnv<S> = S & Surroundings & { readonly self: DeviceWaiter };

/** What the final check is given. */
export type FinalEnv<S> = S &
  Surroundings & {
    /** What each task returned, by its name. */
    readonly results: Readonly<Record<string, unknown>>;
    /** Memory as the chips hold it. */
    readonly memory: {
      load8(page: Page, offset: number): number;
      /**
       * Compares bytes of a page, or elements of an array, with what they should be. Returns true, or what a check
       * returns for a report to name the bytes that differ and who wrote them last.
       */
      sameBytes(
        of: Page | ArrayLike<number>,
        expected: number | ArrayLike<number>,
        at?: number,
      ): true | Mismatch;
    };
  };

/** The body of a task: `yield` where anything may happen, `yield*` what may sleep. */
export type TaskBody<S> = (env: TaskEnv<S>) => Sleeping<unknown>;

/** A task with options. */
export interface TaskSpec<S> {
  /** The CPU it starts on. Default 0. */
  readonly cpu?: number;
  readonly run: TaskBody<S>;
}

/** An interrupt: its handler, and when it may arrive. */
export interface InterruptSpec<S> {
  readonly kind: 'softirq' | 'hardirq' | 'nmi';
  /** The CPU on which it arrives, or `any` (each is explored). Default 0. */
  readonly cpu?: number | 'any';
  /** How often it arrives: a number, `once` (default), or `maybe(n)`, which may also be fewer times or none. */
  readonly times?: number | Times;
  /** It arrives only after it was raised; a raised softirq runs when its CPU leaves a hard interrupt. */
  readonly onlyRaised?: boolean;
  /** While this returns false it does not arrive. */
  readonly when?: (env: S & Surroundings) => boolean;
  /** On PREEMPT_RT, keep it out of a thread (`IRQF_NO_THREAD`). */
  readonly noThread?: boolean;
  /** Run it in a thread on every kernel, as a threaded handler or the function of a work item. */
  readonly thread?: boolean;
  /** A plain function is one step; a generator can be interleaved with other CPUs. */
  readonly run: (env: InterruptEnv<S>) => Sleeping<unknown> | void;
}

/** A device: steps of its own, beside every CPU. */
export interface DeviceSpec<S> {
  /** Report a device that waits for ever. Default false: a device that is asked for no more is idle. */
  readonly mustFinish?: boolean;
  readonly run: (env: DeviceEnv<S>) => Sleeping<unknown>;
}

/** A program for the explorer. */
export interface Program<S extends object = object> {
  readonly name?: string;
  readonly machine?: MachineOptions;
  /** Parts of the kernel to replace by variants. They keep their state in public fields. */
  readonly parts?: MachineParts;
  /**
   * Builds what the actors share, anew for each schedule. The explorer follows plain objects, arrays, maps, bytes and
   * fields in here, and the machine. If actors use other state that changes (a variable of a module, a private field), it
   * says so and tries every order one by one. An object that has private fields is followed if it has a method
   * `addTo(hash)` that adds them.
   */
  readonly setup?: (machine: Machine) => S;
  readonly tasks: Readonly<Record<string, TaskBody<S> | TaskSpec<S>>>;
  readonly interrupts?: Readonly<Record<string, InterruptSpec<S>>>;
  readonly devices?: Readonly<Record<string, DeviceSpec<S> | DeviceSpec<S>['run']>>;
  /** Explore migration: a runnable task whose count allows it may move to any CPU. Default false. */
  readonly migrate?: boolean;
  /** Steps after which a schedule counts as not ending. Default 10000. */
  readonly maxSteps?: number;
  /** How often in a row a task may be woken and find nothing. Default: no bound. */
  readonly starvationBound?: number;
  /** Report unordered conflicting accesses to memory. Default false: a check says more. */
  readonly dataRaces?: boolean;
  /** Mappings may live on at the end. Default false. */
  readonly mayKeepMappings?: boolean;
  /**
   * Which actors owe what is waited for: by the name of a queue, a completion or a semaphore, the names of the actors
   * that will wake or refill it. A deadlock then follows these debts, as it follows the holders of locks.
   */
  readonly owes?: Readonly<Record<string, readonly string[]>>;
  /** Rules that this program breaks on purpose; Linux would warn and go on. */
  readonly allow?: readonly RuleId[];
  /** Judges the end of a schedule: false, a sentence, a mismatch of bytes or a thrown error is a violation. */
  readonly check?: (final: FinalEnv<S>) => boolean | string | Mismatch | void;
}

const PROGRAM: Readonly<Record<keyof Program, Accepts>> = {
  name: 'string',
  machine: 'object',
  parts: 'object',
  setup: 'function',
  tasks: 'object',
  interrupts: 'object',
  devices: 'object',
  migrate: 'boolean',
  maxSteps: 'number',
  starvationBound: 'number',
  dataRaces: 'boolean',
  mayKeepMappings: 'boolean',
  owes: 'object',
  allow: 'object',
  check: 'function',
};

const TASK: Readonly<Record<keyof TaskSpec<object>, Accepts>> = { cpu: 'number', run: 'function' };
const INTERRUPT: Readonly<Record<keyof InterruptSpec<object>, Accepts>> = {
  kind: ['softirq', 'hardirq', 'nmi'],
  cpu: 'anything',
  times: 'anything',
  onlyRaised: 'boolean',
  when: 'function',
  noThread: 'boolean',
  thread: 'boolean',
  run: 'function',
};
const DEVICE: Readonly<Record<keyof DeviceSpec<object>, Accepts>> = {
  mustFinish: 'boolean',
  run: 'function',
};

/** Refuses what no program has, before any schedule of it runs. */
export function checkProgram(program: Program): void {
  checkOptions('a program', program, PROGRAM);
  if (program.tasks === undefined || actorNames(program).length === 0)
    throw new ConfigError('a program has at least one task; this one has none');
  // The explorer sets some of these itself, and would hide what is wrong with them.
  const { cpus } = resolveConfig(program.machine ?? {});
  if (program.maxSteps !== undefined) configWhole('maxSteps', program.maxSteps, 1, Infinity);
  if (program.starvationBound !== undefined)
    configWhole('starvationBound', program.starvationBound, 0, Infinity);
  for (const [name, spec] of Object.entries(program.tasks)) checkBody(`task "${name}"`, spec, TASK);
  for (const [name, spec] of Object.entries(program.interrupts ?? {})) {
    const what = `interrupt "${name}"`;
    checkSpec(what, spec, INTERRUPT);
    checkChoice(`kind of ${what}`, spec.kind, INTERRUPT.kind);
    if (spec.when !== undefined) refuseAsync(`when of ${what}`, spec.when);
    if (typeof spec.cpu === 'number') configWhole(`cpu of ${what}`, spec.cpu, 0, cpus - 1);
    checkTimes(`times of ${what}`, spec.times);
  }
  const actors = actorNames(program);
  for (const [queue, owers] of Object.entries(program.owes ?? {}))
    for (const ower of owers)
      if (!actors.includes(ower))
        throw new ConfigError(`owes: ${queue} is owed by "${ower}", which is no actor of the program`);
  for (const [name, spec] of Object.entries(program.devices ?? {}))
    checkBody(`device "${name}"`, spec, DEVICE);
  for (const part of ['setup', 'check'] as const)
    if (program[part] !== undefined) refuseAsync(part, program[part]);
}

/** Refuses what is neither a function nor an object with one. */
function checkBody(what: string, spec: unknown, known: Readonly<Record<string, Accepts>>): void {
  if (typeof spec === 'function') refuseAsync(what, spec);
  else checkSpec(what, spec, known);
}

function checkSpec(what: string, spec: unknown, known: Readonly<Record<string, Accepts>>): void {
  checkOptions(what, spec, known);
  const run: unknown = typeof spec === 'object' && spec !== null && 'run' in spec ? spec.run : undefined;
  checkChoice(`run of ${what}`, run, 'function');
  refuseAsync(what, run);
}

// A promise would be settled after the schedule, in an order that no schedule decides.
function refuseAsync(what: string, run: unknown): void {
  if (/Async/.test(Object.prototype.toString.call(run)))
    throw new ConfigError(`${what} is an async function; nothing in a program may be async`);
}

/** Refuses a promise, which an async function returns. */
export function refusePromise(what: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function')
    throw new ConfigError(`${what} returned a promise; nothing in a program may be async`);
}

/** What a body returned, if it can be run step by step. */
export function requireBody<T>(what: string, body: T): T {
  refusePromise(what, body);
  if (typeof body !== 'object' || body === null || !('next' in body && Symbol.iterator in body))
    throw new ConfigError(`${what} is no generator function: it returned ${typeof body}; write function*`);
  return body;
}

/** The queue on which a step ended, if any; refuses a yielded value that is no step. */
export function queueOf(what: string, step: Step): WaitQueue | undefined {
  if (step === undefined) return undefined;
  const { sleepOn } = isStep(step) ? step : { sleepOn: undefined };
  if (sleepOn instanceof WaitQueue) return sleepOn;
  throw new ConfigError(
    `${what} yields ${shown(step)}, which is no step; a step is a yield without a value, or yield { sleepOn: queue }`,
  );
}

function isStep(value: unknown): value is { readonly sleepOn: unknown } {
  return typeof value === 'object' && value !== null && 'sleepOn' in value;
}

function shown(value: unknown): string {
  if (isGenerator(value)) return 'a generator (write yield*)';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function isGenerator(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Generator]';
}

/** Names the actors as schedules number them: tasks, then interrupts, then devices. */
export function actorNames(program: {
  readonly tasks: object;
  readonly interrupts?: object;
  readonly devices?: object;
}): readonly string[] {
  return [program.tasks, program.interrupts ?? {}, program.devices ?? {}].flatMap((part) =>
    Object.keys(part),
  );
}
