/**
 * The steps of one schedule, as far as they tell whether a wake-up was lost.
 */
import { wakeUpsSoFar } from '../../kernel/parts/wait-queue.ts';
import type { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Footprint } from '../footprint.ts';
import type { Resources } from '../observer.ts';

interface LoggedStep {
  readonly actor: number;
  readonly footprint: Footprint;
  /** Wake-ups of all queues up to its end. */
  readonly wakeUps: number;
  /** The queue on which its task slept at its end. */
  readonly sleptOn: WaitQueue | undefined;
}

/** Steps that are kept at least. A wake-up that came before them counts as one that was not lost. */
const KEPT = 20_000;

/** What every step writes, whatever the program does in it. */
const BOOKKEEPING = /^(?:opaque$|actor |cpu |queue |interrupt )/;

/** The steps of one schedule. */
export class StepLog {
  private readonly resources: Resources;
  /** Wake-ups of all queues before the first step that is kept. */
  #wakeUpsBefore = wakeUpsSoFar();
  private readonly steps: LoggedStep[] = [];

  constructor(resources: Resources) {
    this.resources = resources;
  }

  /** Notes a step at its end. */
  add(actor: number, footprint: Footprint, sleptOn: WaitQueue | undefined): void {
    const { steps } = this;
    if (steps.length === 2 * KEPT) this.#wakeUpsBefore = steps.splice(0, KEPT).at(-1)?.wakeUps ?? 0;
    steps.push({ actor, footprint, wakeUps: wakeUpsSoFar(), sleptOn });
  }

  /** Whether the last steps of an actor changed nothing that is shared. */
  onlyRead(actor: number, count: number): boolean {
    let left = count;
    for (let at = this.steps.length - 1; at >= 0 && left > 0; at -= 1) {
      const step = this.steps[at];
      if (step?.actor !== actor) continue;
      left -= 1;
      if (!step.footprint.onlyReads((id) => BOOKKEEPING.test(this.resources.name(id)))) return false;
    }
    return left === 0;
  }

  /**
   * The actor whose wake-up a sleeper lost: one that came before the sleeper slept, and after it last looked at anything
   * that the waker had written. `undefined` if no wake-up was lost.
   */
  lostBy(sleeper: number, queue: WaitQueue): number | undefined {
    const { steps } = this;
    if (queue.lastWakeUp <= this.#wakeUpsBefore) return undefined;
    const at = steps.findIndex(({ wakeUps }) => wakeUps >= queue.lastWakeUp);
    const wake = steps[at];
    if (wake === undefined || wake.actor === sleeper) return undefined;
    const before = steps.slice(0, at).findLast(({ actor }) => actor === sleeper);
    // The wake-up reached it.
    if (before?.sleptOn === queue) return undefined;
    const written = steps.slice(0, at + 1).filter(({ actor }) => actor === wake.actor);
    const isLeftOut = (id: number): boolean => BOOKKEEPING.test(this.resources.name(id));
    const hasLooked = steps.slice(at + 1).some(
      ({ actor, footprint }) =>
        // An interrupt inside the sleeper's own step leaves its footprint there.
        actor === sleeper &&
        footprint !== wake.footprint &&
        written.some((step) => footprint.touches(step.footprint, isLeftOut)),
    );
    return hasLooked ? undefined : wake.actor;
  }
}
