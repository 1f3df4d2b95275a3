/**
 * Interrupts that arrive at marked points inside a step, where the strategy chooses them.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { InterruptActor } from '../actors/interrupt-actor.ts';
import { actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import type { Acting, Step } from './acting.ts';
import type { InsideStep } from './inside-step.ts';
import type { Run } from './run.ts';
import { startActing } from './step-watch.ts';
import type { StepWatch } from './step-watch.ts';
import { opaqueHash } from './unwatched.ts';

/** The schedule in which they arrive. */
export interface Interruptible {
  readonly run: Run;
  readonly interrupts: readonly InterruptActor[];
  readonly acting: Acting;
  readonly inside: InsideStep;
  readonly watch: StepWatch;
  /** Keeps a step for a report, if they are kept. */
  readonly note: (step: Step) => void;
}

/** A step has come to a marked point: lets interrupts arrive there, one after another. */
export function interruptAt(host: Interruptible, cpu: Cpu, where: string): void {
  const { inside, interrupts, run } = host;
  if (run.observer.learnt === undefined || inside.isAsked) return;
  for (;;) {
    const choice = inside.arrival(interrupts, cpu);
    if (choice === undefined) return;
    if (run.observer.recorder !== undefined) run.observer.record({ event: 'interrupted', by: run.by, where });
    arrive(host, choice);
  }
}

function arrive({ run, interrupts, acting, watch, note }: Interruptible, choice: Choice): void {
  const actor = interrupts.find(({ index }) => index === actorOf(choice));
  if (actor === undefined) throw new ConfigError('only an interrupt arrives at a marked point');
  const { observer } = run;
  const { learnt, exposed } = observer;
  const outer = acting.step;
  const step: Step = [actor, choice, actor.cpuFor(choice)];
  note(step);
  acting.step = step;
  if (observer.isOn) startActing(run, actor, opaqueHash(run));
  actor.runThrough(choice);
  // The events after this belong to the interrupted actor again.
  if (outer !== undefined) note(outer);
  run.log.add(actor.index, observer.footprint, undefined);
  acting.step = outer;
  if (!observer.isOn) {
    actor.stepRepeated();
    return;
  }
  actor.stepEnded();
  watch.addOwn(actor, observer.footprint);
  // What the interrupted actor reads from now on may be what the handler left.
  if (outer === undefined) Object.assign(observer, { learnt, exposed });
  else startActing(run, outer[0], opaqueHash(run));
}
