/**
 * A port: the mapping section of a driver, written against any backend, with a device or a peer that feeds it and a check
 * of every byte.
 *
 * The variants of a port do the same work in other ways: as Linux did it first, and as it was or could be converted.
 * Each is a program as for the explorer, whose actors are also given a backend. So the same generators run in the
 * matrix, in the audit and in every order in the explorer.
 */
import type { ScatterlistError } from '../base/errors.ts';
import { ConfigError, InvariantError } from '../base/invariant.ts';
import type { Result } from '../base/result.ts';
import { environment } from '../explore/environment.ts';
import { refusePromise, requireBody } from '../explore/program.ts';
import type {
  DeviceEnv,
  InterruptEnv,
  InterruptSpec,
  Program,
  TaskBody,
  TaskEnv,
} from '../explore/program.ts';
import type { Machine } from '../kernel/core/machine.ts';
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { checkMoved, checkPort, checkShared } from './check-port.ts';
import type { Bind, Column } from './column.ts';

/** The data that a port moves. */
export interface PortInput {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What `setup` of a port is given. */
export interface PortSetup<L> {
  readonly machine: Machine;
  /** The kind of memory that the driver's pages are to have. */
  readonly memory: MemoryKind;
  /** The bytes to move. In the explorer there are few of them. */
  readonly content: Uint8Array;
  /** What `load` made of the input. */
  readonly loaded: L;
}

/** What an actor of a port is given besides what an actor of a program is given. */
export interface Backed {
  /** The backend under test, bound to the actor's context. */
  readonly backend: MapBackend;
}

/** What a task of a port is given. */
export type PortTaskEnv<S> = TaskEnv<S> & Backed;

/** What a handler of a port is given. */
export type PortInterruptEnv<S> = InterruptEnv<S> & Backed;

/** The body of a task. A failed map is returned; it ends the task. */
export type PortTask<S> = (env: PortTaskEnv<S>) => Sleeping<Result<unknown, ScatterlistError> | void>;

/** The handler of an interrupt, and when it arrives. A failed map is returned, as from a task. */
export interface PortInterrupt<S> extends Omit<InterruptSpec<S>, 'run'> {
  readonly run: (
    env: PortInterruptEnv<S>,
  ) => Sleeping<Result<unknown, ScatterlistError> | void> | Result<unknown, ScatterlistError> | void;
}

/** One way to write the mapping section. */
export interface PortVariant<S> {
  /** How it maps: `kmap, held until the ring stops`. */
  readonly about: string;
  /** What became of it in Linux: `5.10 to 7.2`, `since 6.13`, `proposed in 2020`, `rejected, because …`. */
  readonly linux: string;
  /** False if it does not use the backend, because it calls a mapping function of its own or maps nothing. Default true. */
  readonly usesBackend?: boolean;
  readonly tasks: Readonly<Record<string, PortTask<S>>>;
  readonly interrupts?: Readonly<Record<string, PortInterrupt<S>>>;
  readonly devices?: Readonly<Record<string, (env: DeviceEnv<S>) => Sleeping<unknown>>>;
}

/** How many bytes were right at the end. */
export interface Moved {
  readonly verifiedBytes: number;
  /** Device accesses of the port itself, which cost the same with every backend. Default 0. */
  readonly ownAccesses?: number;
}

/** A port, as its author writes it. */
export interface PortSpec<S extends object, L = undefined> {
  readonly name: string;
  /** The Linux file that it follows: `drivers/mmc/host/sdhci.c`. */
  readonly follows: string;
  /** What the mapping section does, in a sentence. */
  readonly about: string;
  /** The kinds of memory that its pages may have. */
  readonly memory: readonly MemoryKind[];
  /** Options that its machine needs, besides those that are chosen for a run. */
  readonly machine?: MachineOptions;
  /** The most bytes of the input that it moves. Default: all of it. */
  readonly mostBytes?: number;
  /** Prepares the input, outside every machine: once for each input. */
  readonly load?: (input: PortInput) => Promise<L> | L;
  /** Makes what the actors share: pages, lists, the device. Called for each run. */
  readonly setup: (given: PortSetup<L>) => S;
  /** The first is the original; the others are conversions of it. */
  readonly variants: Readonly<Record<string, PortVariant<S>>>;
  /**
   * Checks every byte at the end, not through the backend: in `machine.physical` or in the device. Wrong bytes are
   * reported by `sameBytes`.
   */
  verify(final: S & { readonly machine: Machine }): Moved;
}

/** What is known of a variant without running it. */
export type VariantFacts = Pick<PortVariant<object>, 'about' | 'linux'> & { readonly usesBackend: boolean };

/** One variant over one backend on one kind of memory: a program, and the check of its end. */
export interface PortProgram {
  readonly program: Program;
  readonly verify: (shared: object, machine: Machine) => Moved;
}

/** A port with its input prepared. */
export interface LoadedPort {
  readonly port: Port;
  readonly content: Uint8Array;
  /** The program of one variant; with `content`, it moves other bytes than the whole input. */
  readonly program: (
    variant: string,
    memory: MemoryKind,
    column: Column,
    content?: Uint8Array,
  ) => PortProgram;
}

/** A port, as the matrix and the audit use it. */
export interface Port {
  readonly name: string;
  readonly follows: string;
  readonly about: string;
  readonly memory: readonly MemoryKind[];
  readonly machine: MachineOptions;
  readonly variants: Readonly<Record<string, VariantFacts>>;
  readonly load: (input: PortInput) => Promise<LoadedPort>;
}

/** A value that `definePort` returned has this mark, whichever copy of the library made it. */
const PORT: unique symbol = Symbol.for('scatterlist.port');

/**
 * Makes a port, for the matrix, the audit and the explorer.
 *
 * @linux none
 * @example
 * ```ts
 * const port = definePort({
 *   name: 'copy-response',
 *   follows: 'drivers/scsi/mvsas/mv_sas.c',
 *   about: 'copies a response into the first page of a request',
 *   memory: ['highmem', 'lowmem'],
 *   setup: ({ machine, memory, content }) => ({ page: machine.allocPage({ zone: memory }), content }),
 *   variants: {
 *     original: {
 *       about: 'maps, copies, unmaps',
 *       linux: '5.10',
 *       tasks: {
 *         *complete({ backend, page, content }) {
 *           const mapped = yield* backend.mapWait(page, 0, content.length);
 *           if (!mapped.ok) return mapped;
 *           mapped.value.copyFrom(content);
 *           backend.unmap(mapped.value);
 *           return undefined;
 *         },
 *       },
 *     },
 *   },
 *   verify: ({ machine, page, content }) => sameBytes(content, machine.physical(page), 'the page'),
 * });
 * console.log(port.name, Object.keys(port.variants));
 * ```
 */
export function definePort<S extends object, L = undefined>(spec: PortSpec<S, L>): Port {
  checkPort(spec);
  const { name, follows, about, memory, machine = {} } = spec;
  const variants = Object.fromEntries(
    Object.entries(spec.variants).map(([title, variant]) => [
      title,
      { about: variant.about, linux: variant.linux, usesBackend: variant.usesBackend !== false },
    ]),
  );
  const port: Port = {
    name,
    follows,
    about,
    memory,
    machine,
    variants,
    load: async (input) => load(port, spec, input),
  };
  return Object.defineProperty(port, PORT, { value: true });
}

/** Whether a value came from `definePort`, of whichever copy of this library. */
export function isPort(value: unknown): value is Port {
  return typeof value === 'object' && value !== null && PORT in value;
}

async function load<S extends object, L>(
  port: Port,
  spec: PortSpec<S, L>,
  input: PortInput,
): Promise<LoadedPort> {
  const content = input.content.subarray(0, spec.mostBytes ?? input.content.length);
  const loaded = await loadedBy(spec, { ...input, content });
  return {
    port,
    content,
    program(title, memory, column, bytes = content) {
      const variant = spec.variants[title];
      if (variant === undefined)
        throw new ConfigError(
          `port "${spec.name}" has no variant "${title}"; it has ${Object.keys(spec.variants).join(', ')}`,
        );
      return programOf(spec, variant, { memory, column, content: bytes, loaded });
    },
  };
}

// Without `load` there is nothing to be loaded, and `L` is undefined.
function loadedBy<L>(spec: Loader<L>, input: PortInput): Promise<L> | L;
function loadedBy(spec: Loader<unknown>, input: PortInput): unknown {
  return spec.load?.(input);
}

interface Loader<L> {
  readonly load?: ((input: PortInput) => Promise<L> | L) | undefined;
}

interface Choice<L> {
  readonly memory: MemoryKind;
  readonly column: Column;
  readonly content: Uint8Array;
  readonly loaded: L;
}

/** What the actors share besides what `setup` returned. */
interface Rig {
  readonly bindBackend: Bind;
  /** Errors that actors returned. */
  readonly failures: ScatterlistError[];
}

/** Checks the end, whatever `setup` returned. */
interface Judge {
  verify(final: { readonly machine: Machine }): Moved;
}

function programOf<S extends object, L>(
  spec: PortSpec<S, L>,
  variant: PortVariant<S>,
  { memory, column, content, loaded }: Choice<L>,
): PortProgram {
  const judge: Judge = spec;
  const what = `port "${spec.name}"`;
  const program: Program<S & Rig> = {
    name: spec.name,
    machine: spec.machine ?? {},
    setup: (machine) => ({
      ...checkShared(what, spec.setup({ machine, memory, content, loaded })),
      bindBackend: column.on(machine),
      failures: [],
    }),
    tasks: mapValues(variant.tasks, (body, name) => taskOf<S>(`task "${name}" of ${what}`, body)),
    interrupts: mapValues(variant.interrupts ?? {}, (interrupt, name) =>
      interruptOf<S>(`interrupt "${name}" of ${what}`, interrupt),
    ),
    devices: mapValues(variant.devices ?? {}, (run) => ({ run })),
  };
  return {
    program: erased(program),
    verify: (shared, machine) =>
      checkMoved(what, judge.verify(environment({ machine }, shared)), content.length),
  };
}

/** Binds a context to the backend under test, as the actors of a port do: pools are shared with them. */
export function bindOf(shared: object): Bind {
  if (!isRig(shared)) throw new InvariantError('the set-up of a port has no backend');
  return shared.bindBackend;
}

/** The error that ended a run, if an actor returned one. */
export function failureOf(shared: object): ScatterlistError | undefined {
  return isRig(shared) ? shared.failures[0] : undefined;
}

function isRig(shared: object): shared is Rig {
  return 'failures' in shared && Array.isArray(shared.failures);
}

function erased<S extends object>(program: Program<S>): Program;
function erased(program: Program): Program {
  return program;
}

function taskOf<S>(what: string, body: PortTask<S>): TaskBody<S & Rig> {
  return function* task(env) {
    const steps = requireBody(what, body(environment({ backend: env.bindBackend(env.task) }, env)));
    keepFailure(env, yield* steps);
  };
}

function interruptOf<S extends object>(what: string, interrupt: PortInterrupt<S>): InterruptSpec<S & Rig> {
  return {
    ...interrupt,
    run(env) {
      const result = interrupt.run(environment({ backend: env.bindBackend(env.irq) }, env));
      refusePromise(what, result);
      if (typeof result === 'object' && 'next' in result) return toEnd(env, result);
      keepFailure(env, result);
      return undefined;
    },
  };
}

function* toEnd(rig: Rig, body: Sleeping<Result<unknown, ScatterlistError> | void>): Sleeping<void> {
  keepFailure(rig, yield* body);
}

function keepFailure(rig: Rig, result: Result<unknown, ScatterlistError> | void): void {
  if (result?.ok === false) rig.failures.push(result.error);
}

function mapValues<A, B>(
  from: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value, key)]));
}
