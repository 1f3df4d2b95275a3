/**
 * Who waits for what, and who holds it.
 */
import type { Context, Task } from '../../kernel/core/machine.ts';
import type { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { LockQueue } from '../../kernel/locking/lock.ts';
import type { End } from './rule.ts';

/** A task that cannot go on. */
export interface Blocked {
  readonly task: Task;
  readonly queue: WaitQueue;
  /** The contexts that hold what it waits for; empty if there is none. */
  readonly holders: readonly Context[];
}

/** Every task that sleeps or spins at the end. */
export function blockedTasks(end: End): readonly Blocked[] {
  return end.tasks.flatMap(({ task }) => {
    const queue = task.asleepOn;
    return queue === undefined ? [] : [{ task, queue, holders: holdersOf(end, queue) }];
  });
}

/** Who holds what a queue waits for: a lock's holders, or the makers of the pool's live mappings. */
function holdersOf(end: End, queue: WaitQueue): readonly Context[] {
  if (queue instanceof LockQueue) return queue.lock.holders;
  const { machine } = end;
  const makers = [...machine.live]
    .filter((window) => window.how.pool === 'kmap pool' && machine.pkmap.waitQueue(window.page) === queue)
    .map((window) => window.owner.name);
  return end.tasks.map(({ task }) => task).filter((task) => makers.includes(task.name));
}

/** The first circle of tasks each of which holds what the one before waits for. */
export function findCycle(blocked: readonly Blocked[]): readonly Blocked[] {
  const walk = (at: Blocked, path: readonly Blocked[]): readonly Blocked[] => {
    if (path.includes(at)) return path.slice(path.indexOf(at));
    // A task that holds a part of what it waits for is a circle by itself; one through others says more.
    const others = at.holders.filter((holder) => holder !== at.task);
    for (const holder of others.length > 0 ? others : at.holders) {
      const next = blocked.find((other) => other.task === holder);
      const cycle = next === undefined ? [] : walk(next, [...path, at]);
      if (cycle.length > 0) return cycle;
    }
    return [];
  };
  for (const start of blocked) {
    const cycle = walk(start, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
