/**
 * Runs a function that may sleep to its end, while no other code runs on the machine.
 */
import type { Context } from './machine.ts';
import type { Sleeping } from '../parts/wait-queue.ts';

/**
 * Runs a sleeping function outside the explorer. A sleep from which no other code can wake it is reported as
 * a deadlock.
 *
 * @linux none
 * @example
 * ```ts
 * const window = runAlone(task, kmap(task, page));
 * ```
 */
export function runAlone<T>(context: Context, work: Sleeping<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (context.task.asleepOn === undefined) continue;
    context.machine.hardware.violate({
      rule: 'deadlock',
      severity: 'bug',
      what: `"${context.name}" sleeps on ${context.task.asleepOn.name} and no other task runs to wake it`,
      context: context.state(),
      details: [context.machine.pkmap.dump()],
    });
  }
}
