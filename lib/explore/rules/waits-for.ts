/**
 * Who waits for what, and who holds it.
 */
import type { Context } from '../../kernel/core/machine.ts';
import { Interrupt } from '../../kernel/core/machine.ts';
import { InterruptActor, isBelow } from '../actors/interrupt-actor.ts';
import { ThreadedInterruptActor } from '../actors/threaded-interrupt-actor.ts';
import type { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { LockQueue } from '../../kernel/locking/lock.ts';
import type { End } from './rule.ts';

/** A task that cannot go on. */
export interface Blocked {
  /** The task, or the handler of an interrupt. */
  readonly task: Context;
  readonly queue: WaitQueue;
  /** The contexts that hold what it waits for; empty if there is none. */
  readonly holders: readonly Context[];
  /** The contexts that owe it, as the program says. */
  readonly owers?: readonly Context[];
}

/** Every task and handler that sleeps or spins at the end. */
export function blockedTasks(end: End): readonly Blocked[] {
  return [
    ...end.tasks.flatMap(({ task }) => blocked(end, task, task.asleepOn)),
    ...end.actors.flatMap((actor) => {
      if (actor instanceof ThreadedInterruptActor) return blocked(end, actor.task, actor.task.asleepOn);
      return actor instanceof InterruptActor ? blocked(end, actor.context, actor.waitsFor) : [];
    }),
  ];
}

function blocked(
  end: End,
  task: Context | undefined,
  queue: WaitQueue | undefined,
): readonly [Blocked] | readonly [] {
  if (task === undefined || queue === undefined) return [];
  return [{ task, queue, holders: holdersOf(end, queue), owers: owersOf(end, queue) }];
}

function owersOf(end: End, queue: WaitQueue): readonly Context[] {
  const owers = end.program.owes?.[queue.name] ?? [];
  return end.actors.flatMap(({ name, context }) =>
    context !== undefined && owers.includes(name) ? [context] : [],
  );
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
    const holders = [...at.holders, ...(at.owers ?? [])];
    const others = holders.filter((holder) => holder !== at.task);
    for (const holder of others.length > 0 ? others : holders) {
      const next =
        blocked.find((other) => other.task === holder) ??
        // A context under a handler waits for the handler.
        blocked.find(({ task }) => task instanceof Interrupt && isBelow(holder, task));
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
