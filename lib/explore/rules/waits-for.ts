/**
 * Who waits for what, and who holds it.
 */
import type { Context } from '../../kernel/core/machine.ts';
import { Interrupt } from '../../kernel/core/machine.ts';
import type { Actor } from '../actor.ts';
import { DeviceActor } from '../actors/device-actor.ts';
import { InterruptActor, isBelow } from '../actors/interrupt-actor.ts';
import { ThreadedInterruptActor } from '../actors/threaded-interrupt-actor.ts';
import { DeviceWaiter } from '../../kernel/parts/device-waiter.ts';
import type { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { LockQueue } from '../../kernel/locking/lock.ts';
import type { ContextState } from '../../machine/violation.ts';
import type { End } from './rule.ts';

/** What can wait. */
export type Party = Context | DeviceWaiter;

/** What an actor waits as. */
export function partyOf(actor: Actor): Party | undefined {
  return actor instanceof DeviceActor ? actor.device : actor.context;
}

/** The state of a context for a report; a device has none. */
export function contextOf(party: Party): ContextState | undefined {
  return party instanceof DeviceWaiter ? undefined : party.state();
}

/** A task that cannot go on. */
export interface Blocked {
  /** The task, the handler of an interrupt, or a device. */
  readonly task: Party;
  readonly queue: WaitQueue;
  /** The contexts that hold what it waits for; empty if there is none. */
  readonly holders: readonly Context[];
  /** Those that owe it, as the program says. */
  readonly owers?: readonly Party[];
  /** Whether it is a device that may wait for ever. */
  readonly isIdle?: boolean;
}

/** Every task and handler that sleeps or spins at the end. */
export function blockedTasks(end: End): readonly Blocked[] {
  return [
    ...end.tasks.flatMap(({ task }) => blocked(end, task, task.asleepOn)),
    ...end.actors.flatMap((actor) => {
      if (actor instanceof DeviceActor)
        return blocked(end, actor.device, actor.sleepsOn).map((one) => ({
          ...one,
          isIdle: !actor.isUnfinished,
        }));
      if (actor instanceof ThreadedInterruptActor) return blocked(end, actor.task, actor.task.asleepOn);
      return actor instanceof InterruptActor ? blocked(end, actor.context, actor.waitsFor) : [];
    }),
  ];
}

function blocked(
  end: End,
  task: Party | undefined,
  queue: WaitQueue | undefined,
): readonly [Blocked] | readonly [] {
  if (task === undefined || queue === undefined) return [];
  return [{ task, queue, holders: holdersOf(end, queue), owers: owersOf(end, queue) }];
}

function owersOf(end: End, queue: WaitQueue): readonly Party[] {
  const owers = end.program.owes?.[queue.name] ?? [];
  return end.actors.flatMap((actor) => {
    const party = partyOf(actor);
    return party !== undefined && owers.includes(actor.name) ? [party] : [];
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
    const holders = [...at.holders, ...(at.owers ?? [])];
    const others = holders.filter((holder) => holder !== at.task);
    for (const holder of others.length > 0 ? others : holders) {
      const next =
        blocked.find((other) => other.task === holder) ??
        // A context under a handler waits for the handler.
        blocked.find(
          ({ task }) =>
            task instanceof Interrupt && !(holder instanceof DeviceWaiter) && isBelow(holder, task),
        );
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
