/**
 * Sleeping and waking.
 *
 * A function that may sleep is a generator; the value it yields tells the scheduler why it stopped. A
 * plain `yield` (`undefined`) means that other contexts may run here.
 */
import { ConfigError } from '../../base/invariant.ts';

/** The part of a task that a wait queue uses. */
export interface Waiter {
  readonly name: string;
  /** The machine that it belongs to, if it says so. */
  readonly machine?: object | undefined;
  asleepOn: WaitQueue | undefined;
}

/** Why a generator stopped: it sleeps on a queue or, for `undefined`, only allows a switch. */
export type Step = { readonly sleepOn: WaitQueue } | undefined;

/** The type of a function that may sleep. Outside the explorer, `runAlone` runs it. */
export type Sleeping<T> = Generator<Step, T, void>;

/** Wake-ups of all queues so far. */
let wakeUpsOfAll = 0;

/** The number of wake-ups of all queues so far, which tells their order. */
export function wakeUpsSoFar(): number {
  return wakeUpsOfAll;
}

/** Tasks that wait for an event; `wait_queue_head_t` with entries that a wake-up does not remove. */
export class WaitQueue {
  readonly name: string;
  readonly waiters: Waiter[] = [];
  /** Number of calls of `wakeAll`, including those that found no waiter. */
  wakeUps = 0;
  /** The number of the last wake-up among those of all queues; 0 if there was none. */
  lastWakeUp = 0;
  /** Called by each call that adds, removes or wakes; set by the explorer. */
  onUse: (() => void) | undefined = undefined;
  /** The machine of the tasks that wait here; that of the first one. */
  #machine: object | undefined = undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** `waitqueue_active`: whether a task is queued, including one that was woken but has not run yet. */
  get active(): boolean {
    return this.waiters.length > 0;
  }

  /** `prepare_to_wait` and the state change; follow it with a `yield { sleepOn: queue }`. */
  add(waiter: Waiter): void {
    this.checkOwn(waiter);
    this.onUse?.();
    this.#machine ??= waiter.machine;
    this.waiters.push(waiter);
    waiter.asleepOn = this;
  }

  /** `remove_wait_queue`, by the task itself once it runs again. */
  remove(waiter: Waiter): void {
    this.checkOwn(waiter);
    this.onUse?.();
    const at = this.waiters.indexOf(waiter);
    if (at >= 0) this.waiters.splice(at, 1);
    waiter.asleepOn = undefined;
  }

  /** Refuses a task of another machine than those that have waited here. */
  checkOwn({ name, machine }: Waiter): void {
    if (machine !== undefined && this.#machine !== undefined && this.#machine !== machine)
      throw new ConfigError(`"${name}" is a context of another machine than those that wait on ${this.name}`);
  }

  /** `wake_up`: makes every waiter runnable. They leave the queue when they run. */
  wakeAll(): void {
    this.onUse?.();
    this.wakeUps += 1;
    wakeUpsOfAll += 1;
    this.lastWakeUp = wakeUpsOfAll;
    for (const waiter of this.waiters) waiter.asleepOn = undefined;
  }
}
