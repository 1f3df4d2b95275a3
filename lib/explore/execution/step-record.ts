/**
 * The steps of a schedule as a report shows them.
 */
import type { Choice } from '../choice.ts';
import type { Program } from '../program.ts';
import type { Step } from './acting.ts';
import { titleOf } from './cast.ts';
import type { Run } from './run.ts';

/** One step as a report shows it. */
export interface StepRecord {
  /** The decision that began it: its place in the schedule. */
  readonly at: number;
  readonly choice: Choice;
  readonly actor: number;
  /** The id of its CPU, or -1 for a device. */
  readonly cpu: number;
  /** The index of its first event. */
  readonly firstEvent: number;
}

/** Adds a step, which begins after so many decisions, to those of its schedule. */
export function recordStep(
  steps: StepRecord[],
  [actor, choice, cpu]: Step,
  at: number,
  { observer }: Run,
  program: Program,
): void {
  observer.recorder?.acts(titleOf(program, actor), steps.length);
  const firstEvent = observer.dropped + observer.events.length;
  steps.push({ at, choice, actor: actor.index, cpu: cpu?.id ?? -1, firstEvent });
}
