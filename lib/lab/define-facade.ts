/**
 * A facade: one design of a mapping API, with functions and a style of its own, over the simulated core.
 */
import { ConfigError } from '../base/invariant.ts';
import { checkChoice, checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { configWhole } from '../base/whole.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import type { MachineOptions } from '../machine/config.ts';

/**
 * Which call fails. A facade asks before each of its calls that can fail in the design; a test of every failure runs a
 * job once for each of them.
 */
export interface Faults {
  /** The number of the call that fails, from 0; -1 for none. */
  readonly failAt: number;
  /** The calls that were asked about, in order. */
  readonly asked: string[];
}

/**
 * Makes a plan in which the call of this number fails, counted from 0.
 *
 * @linux none; in the manner of failslab
 */
export function failCall(failAt: number): Faults {
  configWhole('failAt', failAt, 0, Infinity);
  return { failAt, asked: [] };
}

/** A plan in which no call fails. */
export function failNone(): Faults {
  return { failAt: -1, asked: [] };
}

/** A wrong use that the functions of a facade refuse themselves: an assertion of the design. */
export class FacadeError extends Error {
  override readonly name = 'FacadeError';
}

/** What the functions of a facade have to work with. */
export interface FacadeEnv<S> {
  readonly context: Context;
  readonly machine: Machine;
  /** What `shared` made for this machine. */
  readonly shared: S;
  /** Whether this call is one that has to fail. Ask in each function that can fail in the design, under its name. */
  readonly fails: (call: string) => boolean;
  /** Refuses a wrong use, as an assertion of the design would: `KASSERT`, a magic number, `BUG_ON`. */
  readonly refuse: (what: string) => never;
}

/** A facade, as its author writes it. */
export interface FacadeSpec<Api, S> {
  /** Short, for tables and file names: `sg-map-2017`. */
  readonly name: string;
  /** For headings: `sg_map of 2017, v2`. */
  readonly title: string;
  /** Where the design was proposed or is used. */
  readonly source: string;
  /** What is simpler here than there. */
  readonly simplifies: string;
  /** The machine that the design is made for, where it is another than that of the jobs. */
  readonly machine?: MachineOptions;
  /** Makes what all contexts of one machine share: pools, budgets, lists of waiters. */
  readonly shared?: (machine: Machine) => S;
  /** Makes the functions for one context. */
  readonly open: (env: FacadeEnv<S>) => Api;
  /**
   * Called when all work is done: drops what the design keeps between uses, such as a cache of mappings, and says what
   * its users have not given back, if anything.
   */
  readonly close?: (machine: Machine, shared: S) => string | undefined;
}

/** A facade on one machine. */
export interface OpenFacade<Api> {
  /** What all contexts share. */
  readonly shared: unknown;
  /** Returns the functions for one context. */
  readonly open: (context: Context) => Api;
  /** Drops what the design keeps between uses; returns what its users have not given back, if anything. */
  readonly close: () => string | undefined;
}

/** A design of a mapping API. */
export interface Facade<Api> {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly simplifies: string;
  readonly machine: MachineOptions;
  /** Sets the design up on a machine. */
  readonly on: (machine: Machine, faults?: Faults) => OpenFacade<Api>;
}

const SPEC: Readonly<Record<keyof FacadeSpec<unknown, unknown>, Accepts>> = {
  name: 'string',
  title: 'string',
  source: 'string',
  simplifies: 'string',
  machine: 'object',
  shared: 'function',
  open: 'function',
  close: 'function',
};

function refuse(what: string): never {
  throw new FacadeError(what);
}

/**
 * Makes a facade from its functions.
 *
 * @linux none
 * @example
 * ```ts
 * const closure = defineFacade({
 *   name: 'closure',
 *   title: 'A page within a closure',
 *   source: 'this example',
 *   simplifies: 'Nothing is simpler than in the original.',
 *   open: ({ context }) => ({
 *     withPage: (use: (bytes: Uint8Array) => void) => {
 *       const mapped = kmapLocalPage(context, page);
 *       use(mapped.bytes);
 *       kunmapLocal(context, mapped);
 *     },
 *   }),
 * });
 * const api = closure.on(machine).open(task);
 * api.withPage((bytes) => bytes.fill(1));
 * ```
 */
export function defineFacade<Api, S = undefined>(spec: FacadeSpec<Api, S>): Facade<Api> {
  checkOptions('defineFacade', spec, SPEC);
  for (const part of ['name', 'title', 'source', 'simplifies', 'open'] as const)
    checkChoice(`${part} of a facade`, spec[part], SPEC[part]);
  const { name, title, source, simplifies, machine: madeFor = {} } = spec;
  if (!/^[a-z0-9-]+$/.test(name))
    throw new ConfigError(`name of a facade is '${name}'; it has small letters, digits and - only`);
  return {
    name,
    title,
    source,
    simplifies,
    machine: madeFor,
    on(machine, faults) {
      const shared = sharedOf(spec, machine);
      const fails = failsBy(faults);
      return {
        shared,
        open: (context) => spec.open({ context, machine, shared, fails, refuse }),
        close: () => spec.close?.(machine, shared),
      };
    },
  };
}

/**
 * Returns what a design, or a job, asks before each call that can fail. Without a plan no call fails and none is noted, so
 * that the explorer has no growing list to tell states apart by.
 */
export function failsBy(faults: Faults | undefined): (call: string) => boolean {
  if (faults === undefined) return () => false;
  return (call) => faults.asked.push(call) - 1 === faults.failAt;
}

// Without `shared` there is none, and `S` is undefined.
function sharedOf<S>(spec: Sharer<S>, machine: Machine): S;
function sharedOf(spec: Sharer<unknown>, machine: Machine): unknown {
  return spec.shared?.(machine);
}

interface Sharer<S> {
  readonly shared?: ((machine: Machine) => S) | undefined;
}
