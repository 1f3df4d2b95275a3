import { LockQueue } from '../../kernel/locking/lock.ts';
import { blockedTasks, findCycle } from './waits-for.ts';
import type { End, EndRule, Facts } from './rule.ts';

/** The wake-up came before the sleep. */
export const lostWakeup: EndRule = {
  id: 'lost-wakeup',
  meaning:
    'A task sleeps for ever on a queue that was woken before it slept, although the resource it waits for is free.',
  example: 'A task tests a flag, is preempted while another task sets it and wakes the queue, then sleeps.',
  judge(end: End): Facts | undefined {
    const blocked = blockedTasks(end);
    if (!end.stuck || findCycle(blocked).length > 0) return undefined;
    const lost = blocked.find(
      ({ queue, holders }) => holders.length === 0 && !(queue instanceof LockQueue) && queue.wakeUps > 0,
    );
    if (lost === undefined) return undefined;
    return {
      what: `"${lost.task.name}" sleeps on ${lost.queue.name}, which was woken ${String(lost.queue.wakeUps)} times before it slept`,
      context: lost.task.state(),
    };
  },
};
