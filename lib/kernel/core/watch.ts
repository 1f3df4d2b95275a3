/**
 * Records whether a machine is watched. If it is not, the fast paths may skip work.
 *
 * Three things can see what happens between a map and its unmap: the guard of a checked machine, a trace (or a cache
 * that depends on addresses), and an interrupt that arrives at a marked point inside a mapping function.
 */
import { shortLived } from '../../base/short-lived.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { Guard } from '../window/window.ts';

/** The watch of one machine. */
export class Watch {
  /**
   * Whether no code can observe the machine between a map and its unmap. It is a field that is updated when the watch
   * changes, because it is read for every copy.
   */
  isOff = false;
  private readonly hardware: Hardware;
  private readonly changed: () => void;
  /** Whether the machine was built without a trace and without a cache that depends on addresses. */
  private readonly canBeOff: boolean;
  #guard: Guard | undefined = undefined;

  /** `changed` is called when `isOff` may have changed. */
  constructor(hardware: Hardware, changed: () => void) {
    this.hardware = hardware;
    this.changed = changed;
    this.canBeOff = !hardware.config.trace && !hardware.config.cacheAliasing;
    hardware.whenWatched = shortLived(() => {
      this.#note();
    });
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
   * Whether making and releasing many maps in turn cannot be told from one pass over their pages: the watch is off, or
   * the guard has nothing to check in new mappings of system RAM.
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
