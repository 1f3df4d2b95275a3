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
import { writtenTo } from './rules/last-writers.ts';
import type { Recorder } from './recorder.ts';
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
  /** Steps of the round with which the schedule would go on for ever, if it would. */
  readonly round: number | undefined;
}

/** Steps at the end of a schedule that is too long in which its loop is looked for. */
const TAIL = 40;

/** Replays a schedule with traces and lines kept. */
export function explain<S extends object>(program: Program<S>, schedule: readonly Choice[]): Explained;
export function explain(program: Program, schedule: readonly Choice[]): Explained {
  const world = new Execution(program, true);
  const strategy = replaySchedule(schedule);
  strategy.begin();
  steadily(world, () => runSchedule(world, strategy));
  const { recorder, steps, events, droppedEvents: dropped, violation } = world;
  const round = world.cycle?.steps;
  const loops = round !== undefined || violation?.rule === 'no-progress';
  const details = loops
    ? [...world.linesOfLast(round ?? TAIL)].map(([label, lines]) => ({
        label,
        text: `repeats ${[...lines].join(', ')}`,
      }))
    : [];
  return {
    program,
    names: world.names,
    schedule: world.schedule,
    exact: strategy.exact,
    unused: strategy.left,
    steps,
    events,
    dropped,
    siteOf: (event) => recorder?.placeOf(event)?.site,
    violation:
      violation === undefined
        ? undefined
        : told({ ...violation, details: [...violation.details, ...details] }, events, recorder),
    round,
  };
}

/** The violation with what only a report knows: a lost write where there was one, and who wrote the bytes. */
function told(
  violation: Violation,
  events: readonly TraceEvent[],
  recorder: Recorder | undefined,
): Violation {
  const refined = refine(violation, events, recorder);
  const { bytes } = refined;
  if (bytes === undefined || recorder === undefined) return refined;
  return { ...refined, details: [...writtenTo(recorder, bytes), ...refined.details] };
}
