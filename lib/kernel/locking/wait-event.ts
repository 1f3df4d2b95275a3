/**
 * Waiting for a condition on a bare wait queue.
 */
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import { DeviceWaiter } from '../parts/device-waiter.ts';
import type { Sleeping, WaitQueue, Waiter } from '../parts/wait-queue.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/**
 * Sleeps on a queue until a condition holds. It joins the queue first and tests the condition afterwards, so that no
 * wake-up is lost.
 *
 * @linux wait_event (7.2)
 * @context preemptible task only; may sleep. A device of a program for the explorer may wait, too.
 */
export function waitEvent(
  context: Context | DeviceWaiter,
  queue: WaitQueue,
  condition: () => boolean,
): Sleeping<void> {
  return sleepingCall(untilEvent(context, queue, condition), 'waitEvent');
}

function* untilEvent(
  context: Context | DeviceWaiter,
  queue: WaitQueue,
  condition: () => boolean,
): Sleeping<void> {
  const waiter: Waiter = context instanceof DeviceWaiter ? context : context.task;
  queue.checkOwn(waiter);
  if (!(context instanceof DeviceWaiter)) mightSleep(context, `wait_event(${queue.name})`);
  for (;;) {
    queue.add(waiter);
    if (condition()) break;
    yield { sleepOn: queue };
    queue.remove(waiter);
  }
  queue.remove(waiter);
}
