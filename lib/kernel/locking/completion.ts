/**
 * `struct completion`: a context waits until another context has finished some work.
 */
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import { DeviceWaiter } from '../parts/device-waiter.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import type { Hash } from '../../base/hash.ts';
import { Lock } from './lock.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** The count after `completeAll`, which waiters do not lower. */
const ALL = 2 ** 32 - 1;

/** A counter of completions. Each one lets one waiter continue. */
export class Completion extends Lock {
  #done = 0;

  get free(): boolean {
    return this.#done > 0;
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    hash.add(this.#done);
  }

  /**
   * Waits for a completion.
   *
   * @linux wait_for_completion (7.2)
   * @context preemptible task only; may sleep. A device of a program for the explorer may wait, too.
   */
  wait(context: Context | DeviceWaiter): Sleeping<void> {
    return sleepingCall(this.#wait(context), 'wait');
  }

  *#wait(context: Context | DeviceWaiter): Sleeping<void> {
    this.checkOwn(context);
    if (!(context instanceof DeviceWaiter)) mightSleep(context, `wait_for_completion(${this.name})`);
    yield* this.waitUntil(context, () => this.free);
    this.#consume();
    this.record('acquire', context);
  }

  /**
   * Takes a completion if there is one; returns whether it did.
   *
   * @linux try_wait_for_completion (7.2)
   * @context any; does not sleep
   */
  tryWait(context: Context): boolean {
    this.machine.checkOwnContext(context);
    if (!this.free) return this.refused(context);
    this.#consume();
    this.machine.enter(context);
    this.record('acquire', context);
    return true;
  }

  /**
   * Adds a completion, which lets one waiter continue.
   *
   * @linux complete (7.2)
   * @context any
   */
  complete(context: Context | DeviceWaiter): void {
    this.checkOwn(context);
    if (this.#done !== ALL) this.#done += 1;
    this.gave(context);
  }

  /**
   * Lets every waiter continue, those to come too, until `reinit`.
   *
   * @linux complete_all (7.2)
   * @context any
   */
  completeAll(context: Context | DeviceWaiter): void {
    this.checkOwn(context);
    this.#done = ALL;
    this.gave(context);
  }

  /**
   * Forgets all completions, so that it can be used again.
   *
   * @linux reinit_completion (7.2)
   * @context any, while no task waits
   */
  reinit(context: Context): void {
    this.machine.checkOwnContext(context);
    this.machine.enter(context);
    this.#done = 0;
    this.record('release', context);
  }

  #consume(): void {
    if (this.#done !== ALL) this.#done -= 1;
  }
}
