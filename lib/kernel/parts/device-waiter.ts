/**
 * A device that waits. It has no CPU, so it may wait anywhere, and it disables no preemption.
 */
import type { WaitQueue, Waiter } from './wait-queue.ts';

/** A device as a queue knows it. */
export class DeviceWaiter implements Waiter {
  readonly name: string;
  readonly machine: object;
  asleepOn: WaitQueue | undefined = undefined;

  constructor(name: string, machine: object) {
    this.name = name;
    this.machine = machine;
  }
}
