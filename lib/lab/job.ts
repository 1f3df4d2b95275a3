/**
 * A job: work that a design of a mapping API is given, on a machine of its own, with a judgement of every byte.
 */
import type { AddressSpace } from '../kernel/address/address-space.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import type { MachineOptions } from '../machine/config.ts';

/** What every call site is given, besides the things of its job. */
export interface SiteEnv<Api> {
  /** The functions of the design, in this context. */
  readonly api: Api;
  /** Memory by address, for designs whose maps return one. */
  readonly mem: AddressSpace;
  readonly context: Context;
  /** `api` and `mem` in another context: that of an interrupt handler. */
  readonly open: (context: Context) => Pick<SiteEnv<Api>, 'api' | 'mem'>;
  /** Memory for a buffer, or `undefined`: this call may fail. */
  readonly kmalloc: (lengthBytes: number) => Uint8Array | undefined;
  /** Gives a buffer back. */
  readonly kfree: (buffer: Uint8Array) => void;
}

/** A job under way on one machine. */
export interface Rig<E> {
  /** The things of the job, for the context that does it. */
  readonly env: (context: Context) => E;
  /** Whether anything outside has changed: memory, what a peer received. */
  readonly changed: () => boolean;
  /** What is wrong once the work is said to be done; `undefined` if every byte is right. */
  readonly wrong: () => string | undefined;
  /** The interrupt of the job's device, if it has one; returns whether it is to come now. */
  readonly interrupt?: Interrupting;
}

/** An interrupt of a device. */
export interface Interrupting {
  /** Whether it is to come now. */
  readonly isDue: () => boolean;
  readonly arrive: (context: Context) => void;
}

/** A job. */
export interface Job<E> {
  /** Short, for tables and pages: `copy-response`. */
  readonly name: string;
  readonly title: string;
  /** What is to be done, and what makes it hard. */
  readonly about: string;
  /** The code in Linux that does this. */
  readonly follows: string;
  /** The context that does it: `softirq` must not sleep. */
  readonly runsIn: 'task' | 'softirq';
  readonly machine: MachineOptions;
  /** Prepares the job on a machine. `fails` is asked before each step of the surroundings that can fail. */
  readonly start: (machine: Machine, fails: (call: string) => boolean) => Rig<E>;
}
