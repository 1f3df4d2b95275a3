/**
 * Which locks are held, followed through the events of a run.
 */
import type { TraceEvent } from 'scatterlist/machine';
import type { LockPicture } from './snapshot.ts';

/** Follows the locks. */
export class LocksHeld {
  readonly #holders = new Map<string, string[]>();
  /** Names of what is released by contexts that do not hold it: completions and the like. */
  readonly #signals = new Set<string>();

  /** The locks that have a holder, by name. */
  get pictures(): readonly LockPicture[] {
    return [...this.#holders]
      .filter(([, holders]) => holders.length > 0)
      .map(([name, holders]) => ({ name, holders: [...holders] }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  add(event: TraceEvent): void {
    if (event.event !== 'acquire' && event.event !== 'release') return;
    // A section with interrupts off is in the trace as a lock is; pictures have it as a state of the CPU.
    if (/^irqs of cpu\d+$/.test(event.lock)) return;
    const holders = this.#holders.get(event.lock) ?? [];
    this.#holders.set(event.lock, holders);
    const at = holders.indexOf(event.by.name);
    if (event.event === 'release' && at < 0) this.#signals.add(event.lock);
    else if (event.event === 'release') holders.splice(at, 1);
    else if (!this.#signals.has(event.lock)) holders.push(event.by.name);
  }
}
