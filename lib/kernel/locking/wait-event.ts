/**
 * Waiting for a condition on a bare wait queue.
 */
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import type { Sleeping, WaitQueue } from '../parts/wait-queue.ts';

/**
 * Sleeps on a queue until a condition holds. It joins the queue first and tests the condition afterwards, so that no
 * wake-up is lost.
 *
 * @linux wait_event (7.2)
 * @context preemptible task only; may sleep
 */
export function* waitEvent(context: Context, queue: WaitQueue, condition: () => boolean): Sleeping<void> {
  queue.checkOwn(context.task);
  mightSleep(context, `wait_event(${queue.name})`);
  for (;;) {
    queue.add(context.task);
    if (condition()) break;
    yield { sleepOn: queue };
    queue.remove(context.task);
  }
  queue.remove(context.task);
}
