/**
 * Waiting with a timeout. How long it is does not matter: it expires before or after anything that others do.
 */
import { mightSleep } from '../../kernel/core/preempt.ts';
import type { Sleeping, WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { readWord } from '../runtime/memory.ts';
import type { Runner } from '../runtime/runner.ts';
import type { Timeout } from '../runtime/timeout.ts';
import { timeoutOf } from '../runtime/timeout.ts';
import { worldOf } from '../runtime/world.ts';
import type { KernelFunctions } from './kernel-function.ts';
import { bitOf, completion, waitQueue } from './locks.ts';

function arm(c: Runner): Timeout {
  const world = worldOf(c.context.machine);
  const timeout = world.timeout(c.name);
  if (timeout.isArmed) return timeout;
  timeout.isArmed = true;
  timeout.hasExpired = false;
  if (!timeout.isPending) {
    timeout.isPending = true;
    world.raise(timeoutOf(c.name));
  }
  return timeout;
}

function* sleep(c: Runner, on: WaitQueue): Sleeping<void> {
  const { machine, task, actor: by } = c.context;
  machine.hardware.trace?.record({ event: 'sleep', by, on: on.name });
  c.sleepsOn = on;
  on.add(task);
  yield { sleepOn: on };
  on.remove(task);
  c.sleepsOn = undefined;
}

/** Functions that wait with a timeout. */
export const TIMEOUTS: KernelFunctions = {
  /** Sleeps until the queue is woken; returns whether the timeout has expired. */
  *__wait_sleep_timeout(c, queue) {
    const timeout = arm(c);
    if (!timeout.hasExpired && (readWord(c, queue) & bitOf(c)) !== 0) yield* sleep(c, waitQueue(c, queue));
    return timeout.hasExpired;
  },
  __wait_disarm: (c) => {
    worldOf(c.context.machine).timeout(c.name).isArmed = false;
  },
  *wait_for_completion_timeout(c, address) {
    const one = completion(c, address);
    mightSleep(c.context, `wait_for_completion_timeout(${one.name})`);
    if (one.tryWait(c.context)) return 1;
    const timeout = arm(c);
    let isDone = false;
    while (!isDone && !timeout.hasExpired) {
      yield* sleep(c, one.queue);
      isDone = one.tryWait(c.context);
    }
    timeout.isArmed = false;
    return isDone;
  },
};

/** Those after which an interrupt may come that ends the wait. */
export const TIMED: readonly string[] = ['__wait_sleep_timeout', 'wait_for_completion_timeout'];

/** The timeout of an actor runs out: what the interrupt does. */
export function expire(c: Runner): void {
  const timeout = worldOf(c.context.machine).timeout(c.name);
  timeout.isPending = false;
  if (!timeout.isArmed) return;
  timeout.hasExpired = true;
  const { machine, actor: by } = c.context.machine.executing;
  const on = c.sleepsOn;
  if (on === undefined) return;
  machine.hardware.trace?.record({ event: 'wake', by, on: on.name });
  on.wakeAll();
}
