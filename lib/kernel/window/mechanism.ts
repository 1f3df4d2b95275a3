/**
 * A mechanism describes one way of mapping (kmap, kmap_local, vmap, ...) for reports, checks and the explorer. Each way
 * has one such value in its own file. Shared code reads these fields and never tests which mechanism it has.
 */

/** Where a window's addresses are valid. */
export type WindowScope = 'global' | 'task' | 'cpu';

/** A way of mapping that makes windows of class `W`. */
export interface Mechanism<W> {
  /** Its name in reports and in the trace. */
  readonly name: string;
  /** The name of its unmap function in reports. */
  readonly unmapName: string;
  /** Where the addresses of its windows are valid. */
  readonly scope: WindowScope;
  /** The shared part of the machine that it takes addresses or buffers from; `undefined` if it takes none. */
  readonly pool: 'kmap pool' | 'vmalloc area' | 'bounce pool' | undefined;
  /** Whether its windows live in a section with preemption disabled (on PREEMPT_RT: migration). */
  readonly isAtomic: boolean;
  /** Releases a window in the executing context, for `using` and other callers that name no context. */
  release(window: W): void;
}

/** Returns the given mechanism or, if only a name is given, a copy of `base` with that name. */
export function variantOf<W>(base: Mechanism<W>, given: Mechanism<W> | string): Mechanism<W> {
  if (typeof given !== 'string') return given;
  return given === base.name ? base : { ...base, name: given };
}
