/**
 * An interrupt whose handler runs in a thread, as PREEMPT_RT does it.
 */
import type { Hash } from '../../base/hash.ts';
import type { Task } from '../../kernel/core/machine.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Stage } from '../actor.ts';
import type { Choice } from '../choice.ts';
import { environment } from '../environment.ts';
import { requireBody } from '../program.ts';
import type { InterruptSpec } from '../program.ts';
import { Arrivals } from './arrivals.ts';
import { TaskLike } from './task-actor.ts';

/** An interrupt of PREEMPT_RT: its handler runs in a thread of its own. */
export class ThreadedInterruptActor extends TaskLike {
  private readonly arrivals: Arrivals;
  readonly task: Task;
  private readonly spec: InterruptSpec<object>;

  constructor(index: number, name: string, stage: Stage, spec: InterruptSpec<object>) {
    super(index, name, stage);
    this.spec = spec;
    this.arrivals = new Arrivals(stage, spec);
    this.task = stage.machine.task(`irq/${name}`, { cpu: typeof spec.cpu === 'number' ? spec.cpu : 0 });
  }

  get context(): Task {
    return this.task;
  }

  override get isUnfinished(): boolean {
    return this.body !== undefined;
  }

  // Each arrival runs the handler anew.
  override get hasForgotten(): boolean {
    return this.body === undefined;
  }

  override get hasMore(): boolean {
    return this.isUnfinished || this.arrivals.isOwed;
  }

  override get mayStayAway(): boolean {
    return this.body === undefined && this.arrivals.mayStayAway;
  }

  override get resources(): readonly string[] {
    return [...super.resources, `interrupt ${this.name}`];
  }

  override raise(): void {
    this.arrivals.raised += 1;
  }

  addChoices(choices: Choice[]): void {
    if (this.body !== undefined || this.arrivals.due) this.addRunChoices(choices);
  }

  act(choice: Choice): void {
    if (this.body === undefined) {
      this.arrivals.serve();
      this.body = this.#start();
    }
    if (this.run(this.body, choice).done === true) this.body = undefined;
  }

  // A plain handler must run as a step of the thread, not before it was switched to.
  *#start(): Sleeping<void> {
    const body = this.spec.run(
      environment({ irq: this.task, ...this.stage.surroundings }, this.stage.shared),
    );
    if (typeof body === 'object' && body !== null) yield* requireBody(`interrupt "${this.name}"`, body);
  }

  override addTo(hash: Hash): void {
    super.addTo(hash);
    this.arrivals.addTo(hash);
    hash.add(this.body === undefined ? 0 : 1);
  }
}
