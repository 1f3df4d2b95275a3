/**
 * `spinlock_t` and `raw_spinlock_t`.
 */
import { checkOptions } from '../../base/options.ts';
import type { Context, Machine } from '../core/machine.ts';
import {
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  localIrqRestore,
  localIrqSave,
} from '../core/irq-state.ts';
import { mightSleep, migrateDisable, migrateEnable, preemptDisable, preemptEnable } from '../core/preempt.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import { Lock } from './lock.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** How a spinlock is declared. */
interface SpinLockOptions {
  /** `raw_spinlock_t`: spins with preemption off on PREEMPT_RT too. */
  readonly raw?: boolean;
}

/**
 * A spinlock: one context holds it, with preemption off; others spin on their CPUs. On PREEMPT_RT a waiter for a
 * spinlock that is not raw sleeps, and the holder has only migration disabled.
 */
export class SpinLock extends Lock {
  readonly sleeps: boolean;

  constructor(machine: Machine, name: string, options: SpinLockOptions = {}) {
    checkOptions('SpinLock', options, { raw: 'boolean' });
    const sleeps = machine.config.preemptRt && options.raw !== true;
    super(machine, name, !sleeps);
    this.sleeps = sleeps;
  }

  get free(): boolean {
    return this.holders.length === 0;
  }

  /**
   * Takes the lock, spinning while another CPU holds it.
   *
   * @linux spin_lock (7.2)
   * @context any; on PREEMPT_RT, unless raw, a preemptible task that may sleep
   */
  lock(context: Context): Sleeping<void> {
    return sleepingCall(this.#lock(context), 'lock');
  }

  *#lock(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    if (this.sleeps) {
      mightSleep(context, `spin_lock(${this.name}) of PREEMPT_RT`);
      migrateDisable(context);
    } else preemptDisable(context);
    yield* this.waitUntil(context, () => this.free);
    this.took(context);
  }

  /**
   * Gives the lock back.
   *
   * @linux spin_unlock (7.2)
   * @context as the lock
   */
  unlock(context: Context): void {
    this.checkHolder(context, 'spin_unlock');
    this.gave(context);
    if (this.sleeps) migrateEnable(context);
    else preemptEnable(context);
  }

  /**
   * Takes the lock with interrupts disabled; on PREEMPT_RT, unless raw, they stay enabled.
   *
   * @linux spin_lock_irq (7.2)
   * @context as `lock`
   */
  lockIrq(context: Context): Sleeping<void> {
    return sleepingCall(this.#lockIrq(context), 'lockIrq');
  }

  *#lockIrq(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    if (!this.sleeps) localIrqDisable(context);
    yield* this.lock(context);
  }

  /**
   * Gives the lock back and enables interrupts.
   *
   * @linux spin_unlock_irq (7.2)
   * @context as `unlock`
   */
  unlockIrq(context: Context): void {
    this.unlock(context);
    if (!this.sleeps) localIrqEnable(context);
  }
  /**
   * Takes the lock if it is free.
   *
   * @linux spin_trylock (7.2)
   * @context any
   */
  tryLock(context: Context): boolean {
    this.machine.checkOwnContext(context);
    if (!this.free) return this.refused(context);
    if (this.sleeps) migrateDisable(context);
    else preemptDisable(context);
    this.took(context);
    return true;
  }

  /**
   * Takes the lock with interrupts disabled and returns whether they were on, for `unlockIrqrestore`; on
   * PREEMPT_RT, unless raw, they stay as they are.
   *
   * @linux spin_lock_irqsave (7.2)
   * @context as `lock`
   */
  lockIrqsave(context: Context): Sleeping<boolean> {
    return sleepingCall(this.#lockIrqsave(context), 'lockIrqsave');
  }

  *#lockIrqsave(context: Context): Sleeping<boolean> {
    this.machine.checkOwnContext(context);
    const enabled = this.sleeps ? !context.cpu.irqsDisabled : localIrqSave(context);
    yield* this.lock(context);
    return enabled;
  }

  /**
   * Gives the lock back and lets interrupts in if they were on before.
   *
   * @linux spin_unlock_irqrestore (7.2)
   * @context as `unlock`
   */
  unlockIrqrestore(context: Context, enabled: boolean): void {
    this.unlock(context);
    if (!this.sleeps) localIrqRestore(context, enabled);
  }

  /**
   * Takes the lock with bottom halves disabled.
   *
   * @linux spin_lock_bh (7.2)
   * @context as `lock`, but no hard interrupt handler
   */
  lockBh(context: Context): Sleeping<void> {
    return sleepingCall(this.#lockBh(context), 'lockBh');
  }

  *#lockBh(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    if (!this.sleeps) localBhDisable(context);
    yield* this.lock(context);
  }

  /**
   * Gives the lock back and enables bottom halves.
   *
   * @linux spin_unlock_bh (7.2)
   * @context as `unlock`
   */
  unlockBh(context: Context): void {
    this.unlock(context);
    if (!this.sleeps) localBhEnable(context);
  }
}
