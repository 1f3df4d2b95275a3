/**
 * The shape of a rule of the explorer.
 */
import type { Machine } from '../../kernel/core/machine.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { ViolationFacts } from '../../machine/hardware.ts';
import type { Actor } from '../actor.ts';
import type { TaskActor } from '../actors/task-actor.ts';
import type { Recorder } from '../recorder.ts';
import type { StepLog } from './step-log.ts';
import type { Program, Surroundings } from '../program.ts';

/** What a rule finds. */
export type Facts = Omit<ViolationFacts, 'rule'>;

/** What a rule is given at the end of a schedule. */
export interface End {
  readonly program: Program;
  readonly machine: Machine;
  /** What the final check is given besides the results. */
  readonly surroundings: Surroundings;
  readonly tasks: readonly TaskActor[];
  /** All actors, as schedules number them: tasks, interrupts, devices. */
  readonly actors: readonly Actor[];
  /** The steps of the schedule. */
  readonly log: StepLog;
  readonly shared: object;
  /** Mappings that `setup` made. */
  readonly baseline: ReadonlySet<object>;
  /** Whether tasks or handlers are left that can never go on. */
  readonly stuck: boolean;
  /** Everything that happened, where it was kept. */
  readonly events: readonly TraceEvent[];
  /** Who wrote what last, where lines are kept. */
  readonly recorder: Recorder | undefined;
}

/** A rule that is judged when no actor can take a step any more. */
export interface EndRule {
  readonly id: RuleId;
  /** What it means, for docs/rules.md. */
  readonly meaning: string;
  /** A case of it in a sentence. */
  readonly example: string;
  judge(end: End): Facts | undefined;
}
