/**
 * Sleeping and waking.
 *
 * A function that may sleep is a generator; what it yields tells its caller why it stopped. A
 * plain `yield` (`undefined`) means that anything may happen here.
 */

/** Who can wait: a task, seen from below. */
export interface Waiter {
  readonly name: string;
  asleepOn: WaitQueue | undefined;
}

/** Why a generator stopped: it went to sleep on a queue, or, for `undefined`, merely offers a switch. */
export type Step = { readonly sleepOn: WaitQueue } | undefined;

/** A function that may sleep. Outside the explorer, `runAlone` runs it. */
export type Sleeping<T> = Generator<Step, T, void>;

/** Tasks waiting for an event, in the manner of `wait_queue_head_t` with plain (not auto-removed) entries. */
export class WaitQueue {
  readonly name: string;
  readonly waiters: Waiter[] = [];
  /** Calls of `wakeAll` so far, those that found no waiter included. */
  wakeUps = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** `waitqueue_active`: whether a task waits, tasks that were woken but have not run yet included. */
  get active(): boolean {
    return this.waiters.length > 0;
  }

  /** `prepare_to_wait` and the state change; follow it with a `yield { sleepOn: queue }`. */
  add(waiter: Waiter): void {
    this.waiters.push(waiter);
    waiter.asleepOn = this;
  }

  /** `remove_wait_queue`, by the task itself once it runs again. */
  remove(waiter: Waiter): void {
    const at = this.waiters.indexOf(waiter);
    if (at >= 0) this.waiters.splice(at, 1);
    waiter.asleepOn = undefined;
  }

  /** `wake_up`: makes every waiter runnable. They leave the queue when they run. */
  wakeAll(): void {
    this.wakeUps += 1;
    for (const waiter of this.waiters) waiter.asleepOn = undefined;
  }
}
