/**
 * Runs one schedule with everything kept: what a report is made of.
 */
import type { CallSite } from '../machine/call-site.ts';
import type { TraceEvent } from '../machine/trace.ts';
import type { Violation } from '../machine/violation.ts';
import type { Choice } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution.ts';
import type { StepRecord } from './execution.ts';
import type { Program } from './program.ts';
import { refine } from './rules/lost-write.ts';
import type { Place } from './rules/lost-write.ts';
import { steadily } from './steady.ts';
import { replaySchedule } from './strategies/replay.ts';

/** One schedule, told in full. */
export interface Explained {
  readonly program: Program;
  /** The names of the actors, as schedules number them. */
  readonly names: readonly string[];
  readonly schedule: readonly Choice[];
  /** Whether every decision was possible as given, and none was left when the program ended. */
  readonly exact: boolean;
  /** Decisions of the given schedule that were left when the program ended. */
  readonly unused: number;
  readonly steps: readonly StepRecord[];
  readonly events: readonly TraceEvent[];
  /** Events before these that were not kept, because there were too many. */
  readonly dropped: number;
  /** The line of the program that caused an event, where it is known. */
  readonly siteOf: (event: TraceEvent) => CallSite | undefined;
  readonly violation: Violation | undefined;
}

/** Replays a schedule with traces and lines kept. */
export function explain<S extends object>(program: Program<S>, schedule: readonly Choice[]): Explained;
export function explain(program: Program, schedule: readonly Choice[]): Explained {
  const world = new Execution(program, true);
  const strategy = replaySchedule(schedule);
  strategy.begin();
  steadily(world, () => runSchedule(world, strategy));
  const { recorder, steps, events, droppedEvents: dropped } = world;
  const siteOf = (event: TraceEvent): CallSite | undefined => recorder?.siteOf(event);
  const placeOf = (event: TraceEvent, at: number): Place => ({
    site: siteOf(event),
    step: steps.findLastIndex(({ firstEvent }) => firstEvent <= dropped + at),
  });
  return {
    program,
    names: world.names,
    schedule: world.schedule,
    exact: strategy.exact,
    unused: strategy.left,
    steps,
    events,
    dropped,
    siteOf,
    violation: world.violation === undefined ? undefined : refine(world.violation, events, placeOf),
  };
}
