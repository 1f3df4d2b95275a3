/**
 * `struct mutex`.
 */
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import { Lock } from './lock.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** A mutex: one task holds it, others sleep until it is free. */
export class Mutex extends Lock {
  get free(): boolean {
    return this.holders.length === 0;
  }

  /**
   * Takes the mutex, sleeping while another task holds it.
   *
   * @linux mutex_lock (7.2)
   * @context preemptible task only; may sleep
   */
  lock(context: Context): Sleeping<void> {
    return sleepingCall(this.#lock(context), 'lock');
  }

  *#lock(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    mightSleep(context, `mutex_lock(${this.name})`);
    yield* this.waitUntil(context, () => this.free);
    this.took(context);
  }

  /**
   * Takes the mutex if it is free.
   *
   * @linux mutex_trylock (7.2)
   * @context task; does not sleep
   */
  tryLock(context: Context): boolean {
    this.machine.checkOwnContext(context);
    if (!this.free) return this.refused(context);
    this.took(context);
    return true;
  }

  /**
   * Gives the mutex back.
   *
   * @linux mutex_unlock (7.2)
   * @context the task that holds it
   */
  unlock(context: Context): void {
    this.checkHolder(context, 'mutex_unlock');
    this.gave(context);
  }
}
