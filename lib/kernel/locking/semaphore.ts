/**
 * `struct semaphore`: a counted reservation.
 */
import { configWhole } from '../../base/whole.ts';
import type { Context, Machine } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import type { Hash } from '../../base/hash.ts';
import { Lock } from './lock.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

const MOST_UNITS = 2 ** 31 - 1;

/** A number of units that tasks take and give back; a task that finds too few sleeps. */
export class Semaphore extends Lock {
  private units: number;

  constructor(machine: Machine, name: string, units: number) {
    super(machine, name);
    configWhole(`units of semaphore "${name}"`, units, 0);
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
  down(context: Context, units = 1): Sleeping<void> {
    return sleepingCall(this.#down(context, units), 'down');
  }

  *#down(context: Context, units: number): Sleeping<void> {
    this.machine.checkOwnContext(context);
    this.machine.hardware.checkNumber(context, `units of down(${this.name})`, units, MOST_UNITS, 1);
    mightSleep(context, `down(${this.name})`);
    yield* this.waitUntil(context, () => this.units >= units);
    this.units -= units;
    this.took(context);
  }

  /**
   * Takes units, all at once, if there are as many; returns whether it did.
   *
   * @linux down_trylock (7.2)
   * @context any; does not sleep
   * @differs Linux returns 0 if it took the unit and 1 if it did not
   */
  tryDown(context: Context, units = 1): boolean {
    this.machine.checkOwnContext(context);
    const what = `units of down_trylock(${this.name})`;
    this.machine.hardware.checkNumber(context, what, units, MOST_UNITS, 1);
    if (this.units < units) return this.refused(context);
    this.units -= units;
    this.took(context);
    return true;
  }

  /**
   * Gives units back.
   *
   * @linux up (7.2)
   * @context any
   */
  up(context: Context, units = 1): void {
    this.machine.checkOwnContext(context);
    this.machine.hardware.checkNumber(context, `units of up(${this.name})`, units, MOST_UNITS, 1);
    this.units += units;
    this.gave(context);
  }
}
