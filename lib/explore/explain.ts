/**
 * Runs one schedule with everything kept: what a report is made of.
 */
import { checkOptions } from '../base/options.ts';
import type { AddressSpaceDump } from '../kernel/core/address-dump.ts';
import type { CallSite } from '../machine/call-site.ts';
import type { PlaceName } from '../machine/hardware.ts';
import type { TraceEvent } from '../machine/trace.ts';
import type { Violation } from '../machine/violation.ts';
import type { Choice } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution/execution.ts';
import type { StepRecord } from './execution/step-record.ts';
import type { Program } from './program.ts';
import { refine } from './rules/lost-write.ts';
import { writtenTo } from './rules/last-writers.ts';
import type { Recorder } from './recorder.ts';
import { listening } from './schedule-listener.ts';
import type { ScheduleListener } from './schedule-listener.ts';
import { steadily } from './steady.ts';
import { Stopwatch, checkLimit } from './stopwatch.ts';
import type { StopSignal } from './stopwatch.ts';
import { replaySchedule } from './strategies/replay.ts';
import { OutOfTime } from './world.ts';

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
  /** Set if the time was over, or the signal given, before the schedule had ended. */
  readonly stopped?: boolean;
  readonly steps: readonly StepRecord[];
  readonly events: readonly TraceEvent[];
  /** Events before these that were not kept, because there were too many. */
  readonly dropped: number;
  /** The line of the program that caused an event, where it is known. */
  readonly siteOf: (event: TraceEvent) => CallSite | undefined;
  /** What the program called the memory that an event is about, when it happened. */
  readonly nameOf?: (event: TraceEvent) => PlaceName | undefined;
  readonly violation: Violation | undefined;
  /** The kernel's addresses at the violation; `undefined` without one, and for an error that the program threw. */
  readonly addresses: AddressSpaceDump | undefined;
  /** Steps of the round with which the schedule would go on for ever, if it would. */
  readonly round: number | undefined;
}

/** Steps at the end of a schedule that is too long in which its loop is looked for. */
const TAIL = 40;

/** How long telling a schedule may take. */
export interface ExplainOptions {
  /** The time after which the rest of the schedule is left out. Default: no limit. */
  readonly milliseconds?: number;
  /** Ends it like the time. */
  readonly signal?: StopSignal;
  /** Told now and then how many decisions of the schedule were taken. */
  readonly onProgress?: (taken: number, all: number) => void;
  /** Told of decisions and events while they happen, with the machine as it is then. */
  readonly listener?: ScheduleListener;
}

/** Replays a schedule with traces and lines kept. */
export function explain<S extends object>(
  program: Program<S>,
  schedule: readonly Choice[],
  options?: ExplainOptions,
): Explained;
export function explain(
  program: Program,
  schedule: readonly Choice[],
  options: ExplainOptions = {},
): Explained {
  const { listener = {} } = options;
  checkOptions('explain', options, {
    milliseconds: 'number',
    signal: 'object',
    onProgress: 'function',
    listener: 'object',
  });
  checkOptions('listener of explain', listener, {
    decides: 'function',
    happened: 'function',
    ended: 'function',
  });
  checkLimit('milliseconds of explain', options.milliseconds);
  const world = new Execution(program, true);
  const strategy = replaySchedule(schedule);
  strategy.begin();
  const all = schedule.length;
  const watch = new Stopwatch(
    options.milliseconds ?? Infinity,
    () => options.onProgress?.(all - strategy.left, all),
    options.signal,
  );
  const heard = listening(strategy, (point) => listener.decides?.(point, world.machine));
  world.onEvent = (event) => listener.happened?.(event, world.machine);
  const ending = steadily(world, () => runSchedule(world, heard, () => watch.isOver()));
  world.onEvent = undefined;
  listener.ended?.(world.machine);
  const { recorder, steps, events, droppedEvents: dropped, violation } = world;
  const round = world.rounds.cycle?.steps;
  // The lines are found by another run of the schedule.
  const isTime = 2 * watch.milliseconds < (options.milliseconds ?? Infinity);
  const loops = isTime && (round !== undefined || violation?.rule === 'no-progress');
  const details = loops ? loopDetails(world, round ?? TAIL) : [];
  return {
    program,
    names: world.names,
    schedule: world.schedule,
    exact: strategy.exact,
    unused: strategy.left,
    ...(ending === 'stopped' && { stopped: true }),
    steps,
    events,
    dropped,
    siteOf: (event) => recorder?.placeOf(event)?.site,
    nameOf: (event) => recorder?.placeOf(event)?.name,
    violation:
      violation === undefined
        ? undefined
        : told({ ...violation, details: [...violation.details, ...details] }, events, recorder),
    addresses: violation === undefined ? undefined : recorder?.addressesAt(violation),
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

/** The lines of a loop; none if the time ends while they are looked for. */
function loopDetails(world: Execution, steps: number): Violation['details'] {
  try {
    return [...world.rounds.reruns.linesOfLast(steps)]
      .filter(([, lines]) => [...lines].length > 0)
      .map(([label, lines]) => ({ label, text: `repeats ${[...lines].join(', ')}` }));
  } catch (error) {
    if (error instanceof OutOfTime) return [];
    throw error;
  }
}
