/**
 * The base class of all locks. A lock has holders and a queue, and records each acquisition and release, so that the
 * explorer can find deadlocks and independent steps.
 */
import { locksEverTaken } from '../core/machine.ts';
import type { Context, Holdable, Machine } from '../core/machine.ts';
import { refuseForeign } from '../core/kernel-state.ts';
import { DeviceWaiter } from '../parts/device-waiter.ts';
import { WaitQueue } from '../parts/wait-queue.ts';
import type { Sleeping, Waiter } from '../parts/wait-queue.ts';
import type { Hash } from '../../base/hash.ts';

/** The queue on which contexts wait for a lock. */
export class LockQueue extends WaitQueue {
  readonly lock: Lock;
  /** A context that waits here keeps its CPU (a spinlock) instead of sleeping. */
  readonly spins: boolean;

  constructor(lock: Lock, spins: boolean) {
    super(lock.name);
    this.lock = lock;
    this.spins = spins;
  }
}

/** The locks that a context holds, for reports. */
export function locksOf(context: Context): readonly Holdable[] {
  return [...locksEverTaken(context)].filter(({ holders }) => holders.includes(context));
}

/** A lock, semaphore or completion. */
export abstract class Lock implements Holdable {
  readonly machine: Machine;
  readonly name: string;
  readonly queue: LockQueue;
  /** The contexts that hold it, once for each hold. */
  readonly holders: Context[] = [];

  constructor(machine: Machine, name: string, spins = false) {
    this.machine = machine;
    this.name = name;
    this.queue = new LockQueue(this, spins);
  }

  /** Whether a waiter would get it now. For reports only: code under test uses a try function, which is recorded. */
  abstract get free(): boolean;

  /** Adds the state of the lock to a state key. */
  addTo(hash: Hash): void {
    hash.addText(this.name).add(this.holders.length);
    for (const holder of this.holders) hash.addText(holder.name);
    for (const waiter of this.queue.waiters) hash.addText(waiter.name);
  }

  /** Waits until `ready`, asleep or spinning. */
  protected *waitUntil(context: Context | DeviceWaiter, ready: () => boolean): Sleeping<void> {
    while (!ready()) {
      this.machine.hardware.ledger.lockWaits += 1;
      this.record('sleep', context);
      const waiter = this.#waiterFor(context);
      this.queue.add(waiter);
      yield { sleepOn: this.queue };
      this.queue.remove(waiter);
    }
  }

  #waiterFor(context: Context | DeviceWaiter): Waiter {
    if (context instanceof DeviceWaiter) return context;
    if (context.kind === 'task') return context.task;
    return { name: context.name, machine: this.machine, asleepOn: undefined };
  }

  /** Refuses a context or a device of another machine. */
  protected checkOwn(by: Context | DeviceWaiter): void {
    if (!(by instanceof DeviceWaiter)) this.machine.checkOwnContext(by);
    else if (by.machine !== this.machine) refuseForeign(`device "${by.name}" is a device`);
  }

  protected took(context: Context): void {
    this.machine.hardware.ledger.lockAcquisitions += 1;
    this.holders.push(context);
    locksEverTaken(context).add(this);
    this.record('acquire', context);
  }

  /** Records that a try function did not get the lock; returns false, for that function to return. */
  protected refused(context: Context): false {
    this.machine.enter(context);
    this.machine.hardware.trace?.record({ event: 'refused', what: `queue ${this.name}` });
    return false;
  }

  protected gave(context: Context | DeviceWaiter): void {
    if (!(context instanceof DeviceWaiter)) {
      this.machine.enter(context);
      const at = this.holders.indexOf(context);
      if (at >= 0) this.holders.splice(at, 1);
    }
    this.record('release', context);
    this.queue.wakeAll();
  }

  /** Reports a release by a context that does not hold it. */
  protected checkHolder(context: Context, what: string): void {
    this.machine.checkOwnContext(context);
    if (this.holders.includes(context)) return;
    this.machine.hardware.violate({
      rule: 'count-imbalance',
      what: `${what} of ${this.name}, which "${context.name}" does not hold`,
      context: context.state(),
    });
  }

  protected record(event: 'sleep' | 'acquire' | 'release', context: Context | DeviceWaiter): void {
    const { trace } = this.machine.hardware;
    if (trace === undefined) return;
    const by = { name: context.name, cpu: context instanceof DeviceWaiter ? -1 : context.cpu.id };
    if (event === 'sleep') trace.record({ event, by, on: this.name });
    else trace.record({ event, by, lock: this.name });
  }
}
