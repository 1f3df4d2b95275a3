/**
 * A way of mapping as a value: what reports, checks and the explorer need to know about it. Each way has one such value
 * in its own file; code that serves all ways asks the value and never which way it is.
 */

/** Where a window's addresses are valid. */
export type WindowScope = 'global' | 'task' | 'cpu';

/** A way of mapping that makes windows of class `W`. */
export interface Mechanism<W> {
  /** What reports and the trace call it. */
  readonly name: string;
  /** What reports call the function that releases it. */
  readonly unmapName: string;
  /** Where the addresses of its windows are valid. */
  readonly scope: WindowScope;
  /** The shared part of the machine that it takes addresses or buffers from; `undefined` if it takes none. */
  readonly pool: 'kmap pool' | 'vmalloc area' | 'bounce pool' | undefined;
  /** Whether its windows live in a section with preemption disabled (on PREEMPT_RT: migration). */
  readonly isAtomic: boolean;
  /** Releases a window in the context that executes; for `using` and for others who have only the window. */
  release(window: W): void;
}

/** A mechanism, or the name of a variant of `base`, which differs in nothing but its name. */
export function variantOf<W>(base: Mechanism<W>, given: Mechanism<W> | string): Mechanism<W> {
  if (typeof given !== 'string') return given;
  return given === base.name ? base : { ...base, name: given };
}
