/**
 * `struct semaphore`: a counted reservation.
 */
import type { Context, Machine } from './machine.ts';
import { mightSleep } from './preempt.ts';
import type { Sleeping } from './wait-queue.ts';
import type { Hash } from '../base/hash.ts';
import { Lock } from './lock.ts';

/** A number of units that tasks take and give back; who finds too few sleeps. */
export class Semaphore extends Lock {
  private units: number;

  constructor(machine: Machine, name: string, units: number) {
    super(machine, name);
    this.units = units;
  }

  get free(): boolean {
    return this.units > 0;
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    hash.add(this.units);
  }

  /**
   * Takes units, all at once, sleeping until there are as many.
   *
   * @linux down (7.2)
   * @context preemptible task only; may sleep
   * @differs Linux takes one unit a call; taking several one by one is how such reservations deadlock
   */
  *down(context: Context, units = 1): Sleeping<void> {
    mightSleep(context, `down(${this.name})`);
    yield* this.waitUntil(context, () => this.units >= units);
    this.units -= units;
    this.took(context);
  }

  /**
   * Gives units back.
   *
   * @linux up (7.2)
   * @context any
   */
  up(context: Context, units = 1): void {
    this.units += units;
    this.gave(context);
  }
}
