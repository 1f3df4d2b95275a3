/**
 * Tells a debugger what runs. A command asks it from another thread, when a step of a program does not return.
 */
import { formatSchedule } from './choice.ts';
import type { Choice } from './choice.ts';

/** Something that runs parts of a program. */
export interface Runner {
  /** The part that runs now, as a message names it: `task "a"`. */
  readonly running: string | undefined;
  /** The decisions so far. */
  readonly schedule?: readonly Choice[];
}

/** Where the debugger finds it: a function that takes no arguments and returns texts. */
const RUNNING: unique symbol = Symbol.for('scatterlist.explorer.running');

/** Does some work, during which the runner can be asked from outside. */
export function published<T>(runner: Runner, work: () => T): T {
  const before = Reflect.getOwnPropertyDescriptor(globalThis, RUNNING);
  Reflect.defineProperty(globalThis, RUNNING, {
    configurable: true,
    value: () => ({ part: runner.running ?? '', schedule: formatSchedule(runner.schedule ?? []) }),
  });
  try {
    return work();
  } finally {
    Reflect.deleteProperty(globalThis, RUNNING);
    if (before !== undefined) Reflect.defineProperty(globalThis, RUNNING, before);
  }
}
