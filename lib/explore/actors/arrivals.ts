/**
 * When an interrupt may arrive: what a handler in interrupt context and one in a thread share.
 */
import type { Hash } from '../../base/hash.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { Stage } from '../actor.ts';
import { environment } from '../environment.ts';
import { refusePromise } from '../program.ts';
import type { InterruptSpec } from '../program.ts';
import { boundsOf } from '../times.ts';

/** Counts how often one interrupt was raised and served, and says when and where it may arrive. */
export class Arrivals {
  private readonly stage: Stage;
  private readonly spec: InterruptSpec<object>;
  private readonly env: Parameters<NonNullable<InterruptSpec<object>['when']>>[0];
  /** Raised and not yet served. */
  raised = 0;
  /** The CPU on which a softirq was raised, or -1. */
  raisedOn = -1;
  /** Whether a hard interrupt raised it, so that it runs before the task of its CPU goes on. */
  urgent = false;
  served = 0;

  constructor(stage: Stage, spec: InterruptSpec<object>) {
    this.stage = stage;
    this.spec = spec;
    this.env = environment(stage.surroundings, stage.shared);
  }

  /** Whether it would arrive again, where nothing kept it away. */
  get isOwed(): boolean {
    return this.served < boundsOf(this.spec).most && (this.spec.onlyRaised !== true || this.raised > 0);
  }

  /** Whether its own declaration lets it arrive now. */
  get due(): boolean {
    const { when } = this.spec;
    if (!this.isOwed) return false;
    if (when === undefined) return true;
    const may = when(this.env);
    refusePromise('when of an interrupt', may);
    return may;
  }

  /** Whether it has come as often as it must, so that a schedule may end without another arrival. */
  get mayStayAway(): boolean {
    return this.served >= boundsOf(this.spec).least;
  }

  /** The CPUs on which it could arrive. */
  get cpus(): readonly Cpu[] {
    const { cpus } = this.stage.machine.hardware;
    if (this.raisedOn >= 0) return cpus.filter((cpu) => cpu.id === this.raisedOn);
    const { cpu } = this.spec;
    return cpu === 'any' ? cpus : cpus.filter((other) => other.id === (cpu ?? 0));
  }

  serve(): void {
    this.served += 1;
    // Evaluated again as part of the step, so that what the condition reads is in the footprint.
    this.spec.when?.(this.env);
    if (this.raised > 0) this.raised -= 1;
    if (this.raised === 0) {
      this.raisedOn = -1;
      this.urgent = false;
    }
  }

  addTo(hash: Hash): void {
    // How often it came makes no difference where it may come as often as it is raised.
    const isCounted = boundsOf(this.spec).most < Infinity;
    hash
      .add(this.raised)
      .add(this.raisedOn)
      .add(isCounted ? this.served : 0)
      .add(this.urgent ? 1 : 0);
  }
}
