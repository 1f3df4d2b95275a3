/**
 * Who watches a machine, and what a fast path may skip because of it.
 *
 * Three things can see what happens between a map and its unmap: the guard of a checked machine, a trace (or a cache
 * that depends on addresses), and an interrupt that arrives at a marked point inside a mapping function.
 */
import type { Hardware } from '../../machine/hardware.ts';
import type { Guard } from '../window/window.ts';

/** The watch over one machine. */
export class Watch {
  /**
   * Whether nothing can look between a map and its unmap. A field, because it is read for every copy: it is worked out
   * when something begins or ceases to watch.
   */
  isOff = false;
  private readonly hardware: Hardware;
  private readonly changed: () => void;
  /** Whether the machine was built without a trace and without a cache that depends on addresses. */
  private readonly canBeOff: boolean;
  #guard: Guard | undefined = undefined;

  /** `changed` is called when something may have begun or ceased to watch. */
  constructor(hardware: Hardware, changed: () => void) {
    this.hardware = hardware;
    this.changed = changed;
    this.canBeOff = !hardware.config.trace && !hardware.config.cacheAliasing;
    hardware.whenWatched = () => {
      this.#note();
    };
    this.isOff = this.#worksOut();
  }

  /** Checks every access; present on checked machines. */
  get guard(): Guard | undefined {
    return this.#guard;
  }

  set guard(guard: Guard | undefined) {
    this.#guard = guard;
    this.#note();
  }

  /**
   * Whether many maps in a row, made and released with nothing in between, look the same as one pass over their pages:
   * the watch is off, or the guard has nothing to check in new mappings of system RAM.
   */
  get isIdle(): boolean {
    if (this.isOff) return true;
    if (!this.canBeOff || this.hardware.interruptPoint !== undefined) return false;
    return this.#guard?.hasNothingToCheck === true;
  }

  #note(): void {
    this.isOff = this.#worksOut();
    this.changed();
  }

  #worksOut(): boolean {
    const { interruptPoint, spreadArrays } = this.hardware;
    return this.canBeOff && this.#guard === undefined && interruptPoint === undefined && !spreadArrays.isOut;
  }
}
