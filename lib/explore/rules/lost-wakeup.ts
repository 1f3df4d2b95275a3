import { LockQueue } from '../../kernel/locking/lock.ts';
import { waiters } from './deadlock.ts';
import { blockedTasks, contextOf, findCycle, partyOf } from './waits-for.ts';
import type { End, EndRule, Facts } from './rule.ts';

/** The wake-up came before the sleep. */
export const lostWakeup: EndRule = {
  id: 'lost-wakeup',
  meaning:
    'A task sleeps for ever on a queue that was woken after the task had last tested its condition and before it slept.',
  example: 'A task tests a flag, is preempted while another task sets it and wakes the queue, then sleeps.',
  judge(end: End): Facts | undefined {
    if (!end.stuck) return undefined;
    const blocked = blockedTasks(end);
    // Debts are left out: that a wake-up was lost says more than who owes the next one.
    if (findCycle(blocked.map((one) => ({ ...one, owers: [] }))).length > 0) return undefined;
    for (const { task, queue, holders } of blocked) {
      if (holders.length > 0 || queue instanceof LockQueue) continue;
      const sleeper = end.actors.find((actor) => partyOf(actor) === task);
      const waker = sleeper === undefined ? undefined : end.log.lostBy(sleeper.index, queue);
      if (waker === undefined) continue;
      const by = end.actors[waker]?.name ?? '';
      return {
        what: `"${task.name}" sleeps on ${queue.name}, which "${by}" woke after "${task.name}" had last tested its condition and before it slept`,
        context: contextOf(task),
        details: waiters(end, blocked),
      };
    }
    return undefined;
  },
};
