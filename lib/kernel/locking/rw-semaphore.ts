/**
 * `struct rw_semaphore`, such as the one of an address space (`mmap_lock`).
 */
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import { Lock } from './lock.ts';

/** A lock for many readers or one writer; others sleep until it is free. */
export class RwSemaphore extends Lock {
  #writing = false;

  get free(): boolean {
    return !this.#writing;
  }

  /**
   * Joins the readers, sleeping while there is a writer.
   *
   * @linux down_read (7.2)
   * @context preemptible task only; may sleep
   * @differs waiting writers do not hold new readers back
   */
  *downRead(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    mightSleep(context, `down_read(${this.name})`);
    yield* this.waitUntil(context, () => !this.#writing);
    this.took(context);
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
  *downWrite(context: Context): Sleeping<void> {
    this.machine.checkOwnContext(context);
    mightSleep(context, `down_write(${this.name})`);
    yield* this.waitUntil(context, () => this.holders.length === 0);
    this.#writing = true;
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
