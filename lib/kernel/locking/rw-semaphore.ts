/**
 * `struct rw_semaphore`, such as the one of an address space (`mmap_lock`).
 */
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import type { Hash } from '../../base/hash.ts';
import { Lock } from './lock.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** A lock for many readers or one writer; others sleep until it is free. */
export class RwSemaphore extends Lock {
  #writing = false;

  get free(): boolean {
    return !this.#writing;
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    hash.add(this.#writing ? 1 : 0);
  }

  /**
   * Joins the readers, sleeping while there is a writer.
   *
   * @linux down_read (7.2)
   * @context preemptible task only; may sleep
   * @differs waiting writers do not hold new readers back
   */
  downRead(context: Context): Sleeping<void> {
    return sleepingCall(this.#downRead(context), 'downRead');
  }

  *#downRead(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    mightSleep(context, `down_read(${this.name})`);
    yield* this.waitUntil(context, () => !this.#writing);
    this.took(context);
  }

  /**
   * Joins the readers if there is no writer.
   *
   * @linux down_read_trylock (7.2)
   * @context any; does not sleep
   */
  tryDownRead(context: Context): boolean {
    this.machine.checkOwnContext(context);
    if (this.#writing) return this.refused(context);
    this.took(context);
    return true;
  }

  /**
   * Leaves the readers.
   *
   * @linux up_read (7.2)
   * @context the task that joined
   */
  upRead(context: Context): void {
    this.checkHolder(context, 'up_read');
    this.gave(context);
  }

  /**
   * Becomes the writer, sleeping while another task holds it.
   *
   * @linux down_write (7.2)
   * @context preemptible task only; may sleep
   */
  downWrite(context: Context): Sleeping<void> {
    return sleepingCall(this.#downWrite(context), 'downWrite');
  }

  *#downWrite(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    mightSleep(context, `down_write(${this.name})`);
    yield* this.waitUntil(context, () => this.holders.length === 0);
    this.#writing = true;
    this.took(context);
  }

  /**
   * Becomes the writer if no task holds it.
   *
   * @linux down_write_trylock (7.2)
   * @context any; does not sleep
   */
  tryDownWrite(context: Context): boolean {
    this.machine.checkOwnContext(context);
    if (this.holders.length > 0) return this.refused(context);
    this.#writing = true;
    this.took(context);
    return true;
  }

  /**
   * Turns the writer into a reader, which lets other readers in.
   *
   * @linux downgrade_write (7.2)
   * @context the task that is the writer
   */
  downgradeWrite(context: Context): void {
    this.checkHolder(context, 'downgrade_write');
    this.#writing = false;
    this.gave(context);
    this.took(context);
  }

  /**
   * Stops being the writer.
   *
   * @linux up_write (7.2)
   * @context the task that is the writer
   */
  upWrite(context: Context): void {
    this.checkHolder(context, 'up_write');
    this.#writing = false;
    this.gave(context);
  }
}
