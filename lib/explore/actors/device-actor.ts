/**
 * A device: an actor that runs on no CPU.
 */
import { LockQueue } from '../../kernel/locking/lock.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import { Actor } from '../actor.ts';
import type { Stage } from '../actor.ts';
import type { Choice } from '../choice.ts';
import { environment } from '../environment.ts';
import { queueOf, requireBody } from '../program.ts';
import type { DeviceSpec } from '../program.ts';

/** A device of the program. */
export class DeviceActor extends Actor {
  readonly context: undefined = undefined;
  private readonly body: Sleeping<unknown>;
  #waitsFor: LockQueue | undefined = undefined;
  #done = false;

  constructor(index: number, name: string, stage: Stage, spec: DeviceSpec<object>) {
    super(index, name, stage);
    const env = environment(stage.surroundings, stage.shared);
    this.body = requireBody(`device "${name}"`, spec.run(env));
  }

  addChoices(choices: Choice[]): void {
    if (!this.#done && (this.#waitsFor === undefined || this.#waitsFor.lock.free)) choices.push(this.index);
  }

  act(): void {
    const result = this.body.next();
    this.#done = result.done === true;
    const queue = result.done === true ? undefined : queueOf(`device "${this.name}"`, result.value);
    this.#waitsFor = queue instanceof LockQueue ? queue : undefined;
  }
}
