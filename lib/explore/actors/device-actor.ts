/**
 * A device: an actor that runs on no CPU.
 */
import type { Hash } from '../../base/hash.ts';
import { LockQueue } from '../../kernel/locking/lock.ts';
import { DeviceWaiter } from '../../kernel/parts/device-waiter.ts';
import type { Sleeping, WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { Actor } from '../actor.ts';
import type { Stage } from '../actor.ts';
import type { Choice } from '../choice.ts';
import { environment } from '../environment.ts';
import { queueOf, requireBody } from '../program.ts';
import type { DeviceSpec } from '../program.ts';

/** A device of the program. */
export class DeviceActor extends Actor {
  readonly context: undefined = undefined;
  /** What it waits as. */
  readonly device: DeviceWaiter;
  private readonly body: Sleeping<unknown>;
  private readonly mustFinish: boolean;
  /** What it waits for; a bare queue is left when the next step begins. */
  #waitsFor: WaitQueue | undefined = undefined;
  #joined: WaitQueue | undefined = undefined;
  #done = false;

  constructor(index: number, name: string, stage: Stage, spec: DeviceSpec<object>) {
    super(index, name, stage);
    this.device = new DeviceWaiter(name, stage.machine);
    this.mustFinish = spec.mustFinish ?? false;
    const env = environment({ self: this.device, ...stage.surroundings }, stage.shared);
    this.body = requireBody(`device "${name}"`, spec.run(env));
  }

  override get sleepsOn(): WaitQueue | undefined {
    const queue = this.#waitsFor;
    if (queue instanceof LockQueue) return queue.lock.free ? undefined : queue;
    return this.device.asleepOn;
  }

  override get isUnfinished(): boolean {
    return this.mustFinish && !this.#done;
  }

  override get hasEnded(): boolean {
    return this.#done;
  }

  override get hasMore(): boolean {
    return !this.#done;
  }

  addChoices(choices: Choice[]): void {
    if (!this.#done && this.sleepsOn === undefined) choices.push(this.index);
  }

  act(): void {
    this.#joined?.remove(this.device);
    this.#joined = undefined;
    const result = this.body.next();
    this.#done = result.done === true;
    const queue = result.done === true ? undefined : queueOf(`device "${this.name}"`, result.value);
    this.#waitsFor = queue;
    if (queue === undefined || queue instanceof LockQueue || queue.waiters.includes(this.device)) return;
    queue.add(this.device);
    this.#joined = queue;
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    hash.addText(this.device.asleepOn?.name ?? '');
  }
}
