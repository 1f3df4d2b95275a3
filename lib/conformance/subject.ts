/**
 * The arguments of the suite: a test runner, and the backend to test.
 */
import type { ErrorCode } from '../base/errors.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { MapBackend } from '../mapping/backend.ts';

/** The two functions of a test runner; mocha's, node:test's and vitest's fit. */
export interface Runner {
  readonly describe: (title: string, define: () => void) => unknown;
  readonly it: (title: string, test: () => void) => unknown;
}

/** Makes the backend for one context. */
export type MakeBackend = (context: Context, machine: Machine) => MapBackend;

/** The backend under test. */
export interface Subject {
  /** Its name in the titles. Default: the name in its contract. */
  readonly name?: string;
  /** Makes it; called for each context of each machine that the suite builds. */
  readonly backend: MakeBackend;
  /** Options for every machine. Those that a clause needs (mode, pool sizes) override them. */
  readonly machine?: MachineOptions;
  /** For each declared error that neither the kind of memory nor a full pool causes: one that fails so. */
  readonly failing?: { readonly [Code in ErrorCode]?: MakeBackend };
}
