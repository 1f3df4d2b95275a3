/**
 * What the mapping sites of a port need of a backend, as it was observed while the port ran.
 */
import type { ContextKind } from '../kernel/core/machine.ts';
import type { CallSite } from '../machine/call-site.ts';
import type { MemoryKind } from '../machine/memory.ts';

/**
 * How memory of a user was touched: by a copy that handles a fault (`faulting`), by one that must not fault where the
 * code itself disabled page faults or is atomic (`disabled`), or where only the map disables them (`inatomic`).
 */
export type UserTouch = 'faulting' | 'disabled' | 'inatomic';

/** What one line of a port that maps needs. */
export interface Needs {
  readonly site: CallSite | undefined;
  /** The mapping function that the port called; `undefined` if it mapped through the backend under test. */
  readonly mechanism: string | undefined;
  /** Whether it called a helper that maps and releases by itself, such as a copy helper: the port then holds no mapping. */
  readonly isHelper: boolean;
  /** How often it mapped. */
  readonly maps: number;
  readonly kinds: readonly MemoryKind[];
  readonly contexts: readonly ContextKind[];
  /** Whether a task mapped with preemption or interrupts disabled. */
  readonly isAtomic: boolean;
  /** The most pages that one mapping covered. */
  readonly pages: number;
  /** The most mappings that its context held at once, those of other sites included. */
  readonly heldAtOnce: number;
  /** The most mappings of the backend under test that its context held at once. */
  readonly heldOfBackendAtOnce: number;
  /** Whether each was released before those of its context that are older. */
  readonly isReleasedInOrder: boolean;
  /** Other contexts that used or released a mapping. */
  readonly usedBy: readonly string[];
  /** Whether a mapping was used or released on another CPU. */
  readonly isUsedOnOtherCpu: boolean;
  /** What its task slept on, or called that may sleep, while it held a mapping. */
  readonly sleptOn: readonly string[];
  /** Whether its task touched a page of a user that was not present while it held a mapping. */
  readonly isFaulting: boolean;
  /** How its context touched memory of a user while it held a mapping. */
  readonly userTouches: readonly UserTouch[];
  /** Whether it held a mapping where, but for the map itself, another task could have run on its CPU. */
  readonly isPreemptible: boolean;
  /** Whether it read the number of its CPU while only the map could keep it there. */
  readonly readsCpu: boolean;
  /** Tasks that ran on its CPU while it held a mapping and was not asleep. */
  readonly preemptedBy: readonly string[];
}
