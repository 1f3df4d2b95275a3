/**
 * `struct completion`: a context waits until another context has finished some work.
 */
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import type { Hash } from '../../base/hash.ts';
import { Lock } from './lock.ts';

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
   * @context preemptible task only; may sleep
   */
  *wait(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    mightSleep(context, `wait_for_completion(${this.name})`);
    yield* this.waitUntil(context, () => this.free);
    this.#done -= 1;
    this.record('acquire', context);
  }

  /**
   * Adds a completion, which lets one waiter continue.
   *
   * @linux complete (7.2)
   * @context any
   */
  complete(context: Context): void {
    this.machine.checkOwnContext(context);
    this.#done += 1;
    this.gave(context);
  }
}
