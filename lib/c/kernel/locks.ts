/**
 * linux/spinlock.h, linux/mutex.h, linux/semaphore.h, linux/rwsem.h, linux/completion.h and linux/wait.h. The structure in
 * C stands for a lock of this library, which is made when it is first used.
 */
import { Completion } from '../../kernel/locking/completion.ts';
import { Mutex } from '../../kernel/locking/mutex.ts';
import { RwSemaphore } from '../../kernel/locking/rw-semaphore.ts';
import { Semaphore } from '../../kernel/locking/semaphore.ts';
import { SpinLock } from '../../kernel/locking/spin-lock.ts';
import { mightSleep } from '../../kernel/core/preempt.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { readWord, writeWord } from '../runtime/memory.ts';
import type { Runner } from '../runtime/runner.ts';
import { worldOf } from '../runtime/world.ts';
import type { World } from '../runtime/world.ts';
import type { KernelFunctions } from './kernel-function.ts';

/** The C side of a context, after a look whether the structure may still be used. */
function at(c: Runner, address: number): World {
  const world = worldOf(c.context.machine);
  world.heap.check(c, address, 4, true);
  for (const other of world.runners) if (other.holds(address)) other.own = 0;
  return world;
}

function spinLock(c: Runner, address: number): SpinLock {
  const { machine } = c.context;
  return at(c, address).object(address, SpinLock, (name) => new SpinLock(machine, name));
}

function mutex(c: Runner, address: number): Mutex {
  const { machine } = c.context;
  return at(c, address).object(address, Mutex, (name) => new Mutex(machine, name));
}

function rwSemaphore(c: Runner, address: number): RwSemaphore {
  const { machine } = c.context;
  return at(c, address).object(address, RwSemaphore, (name) => new RwSemaphore(machine, name));
}

function semaphore(c: Runner, address: number): Semaphore {
  const { machine } = c.context;
  const world = at(c, address);
  return world.object(address, Semaphore, (name) => new Semaphore(machine, name, readWord(c, address)));
}

/** The completion that a structure stands for. */
export function completion(c: Runner, address: number): Completion {
  const { machine } = c.context;
  return at(c, address).object(address, Completion, (name) => new Completion(machine, name));
}

/** The queue that a structure stands for. */
export function waitQueue(c: Runner, address: number): WaitQueue {
  return at(c, address).object(address, WaitQueue, (name) => new WaitQueue(name));
}

function forget(c: Runner, address: number): void {
  at(c, address).forget(address);
}

/** The bit of a context in the word of a wait queue. */
export function bitOf(c: Runner): number {
  const all = [...worldOf(c.context.machine).runners];
  return 2 ** Math.min(all.indexOf(c), 31);
}

/** Locks and what tasks wait for. */
export const LOCKS: KernelFunctions = {
  spin_lock_init: forget,
  *spin_lock(c, lock) {
    yield* spinLock(c, lock).lock(c.context);
  },
  spin_trylock: (c, lock) => spinLock(c, lock).tryLock(c.context),
  spin_unlock: (c, lock) => {
    spinLock(c, lock).unlock(c.context);
  },
  *spin_lock_irq(c, lock) {
    yield* spinLock(c, lock).lockIrq(c.context);
  },
  spin_unlock_irq: (c, lock) => {
    spinLock(c, lock).unlockIrq(c.context);
  },
  *spin_lock_bh(c, lock) {
    yield* spinLock(c, lock).lockBh(c.context);
  },
  spin_unlock_bh: (c, lock) => {
    spinLock(c, lock).unlockBh(c.context);
  },
  *__spin_lock_irqsave(c, lock) {
    return yield* spinLock(c, lock).lockIrqsave(c.context);
  },
  spin_unlock_irqrestore: (c, lock, enabled) => {
    spinLock(c, lock).unlockIrqrestore(c.context, enabled !== 0);
  },
  mutex_init: forget,
  *mutex_lock(c, lock) {
    yield* mutex(c, lock).lock(c.context);
  },
  mutex_trylock: (c, lock) => mutex(c, lock).tryLock(c.context),
  mutex_unlock: (c, lock) => {
    mutex(c, lock).unlock(c.context);
  },
  mutex_is_locked: (c, lock) => !mutex(c, lock).free,
  init_rwsem: forget,
  *down_read(c, lock) {
    yield* rwSemaphore(c, lock).downRead(c.context);
  },
  down_read_trylock: (c, lock) => rwSemaphore(c, lock).tryDownRead(c.context),
  down_write_trylock: (c, lock) => rwSemaphore(c, lock).tryDownWrite(c.context),
  downgrade_write: (c, lock) => {
    rwSemaphore(c, lock).downgradeWrite(c.context);
  },
  up_read: (c, lock) => {
    rwSemaphore(c, lock).upRead(c.context);
  },
  *down_write(c, lock) {
    yield* rwSemaphore(c, lock).downWrite(c.context);
  },
  up_write: (c, lock) => {
    rwSemaphore(c, lock).upWrite(c.context);
  },
  sema_init: (c, lock, count) => {
    forget(c, lock);
    writeWord(c, lock, count);
  },
  *down(c, lock) {
    yield* semaphore(c, lock).down(c.context);
  },
  down_trylock: (c, lock) => !semaphore(c, lock).tryDown(c.context),
  up: (c, lock) => {
    semaphore(c, lock).up(c.context);
  },
  init_completion: forget,
  reinit_completion: (c, one) => {
    completion(c, one).reinit(c.context);
  },
  *wait_for_completion(c, one) {
    yield* completion(c, one).wait(c.context);
  },
  try_wait_for_completion: (c, one) => completion(c, one).tryWait(c.context),
  complete: (c, one) => {
    completion(c, one).complete(c.context);
  },
  complete_all: (c, one) => {
    completion(c, one).completeAll(c.context);
  },
  init_waitqueue_head: (c, queue) => {
    forget(c, queue);
    writeWord(c, queue, 0);
  },
  // A wake-up after this is not missed, although the context goes on to look at its condition.
  __wait_prepare: (c, queue) => {
    mightSleep(c.context, 'wait_event');
    waitQueue(c, queue);
    writeWord(c, queue, readWord(c, queue) | bitOf(c));
  },
  *__wait_sleep(c, queue) {
    if ((readWord(c, queue) & bitOf(c)) === 0) return;
    const { machine, task } = c.context;
    const on = waitQueue(c, queue);
    machine.hardware.trace?.record({ event: 'sleep', by: c.context.actor, on: on.name });
    on.add(task);
    yield { sleepOn: on };
    on.remove(task);
  },
  __wait_finish: (c, queue) => {
    writeWord(c, queue, readWord(c, queue) & ~bitOf(c));
  },
  wake_up: (c, queue) => {
    const { machine } = c.context;
    const on = waitQueue(c, queue);
    writeWord(c, queue, 0);
    machine.hardware.trace?.record({ event: 'wake', by: c.context.actor, on: on.name });
    on.wakeAll();
  },
  waitqueue_active: (c, queue) => readWord(c, queue) !== 0,
};
