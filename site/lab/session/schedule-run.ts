/**
 * A schedule that was told, as the page shows it.
 */
import { formatViolation } from 'scatterlist';
import type { Violation } from 'scatterlist';
import { collapsedTimeline, formatSchedule } from 'scatterlist/explore';
import type { Explained, Row } from 'scatterlist/explore';
import { RULES } from 'scatterlist/machine';
import type { linesOf } from './lines.ts';
import type { ConsoleLine, Decision, Moment, ScheduleRun, ViolationPicture } from './messages.ts';
import { optionOf } from './recording.ts';
import type { HeardDecision, Wanted } from './recording.ts';

/** Moments that a page shows. */
const MOST_MOMENTS = 4000;

/** A moment, and when its picture is to be taken. */
interface Placed {
  readonly moment: Moment;
  readonly when: Wanted['when'];
  /** Events that had happened by then. */
  readonly events: number;
}

/** What a run is made of. */
export interface Heard {
  readonly told: Explained;
  readonly decisions: readonly HeardDecision[];
  readonly console: readonly { readonly events: number; readonly text: string }[];
  readonly repaired: string | undefined;
  readonly lineOf: ReturnType<typeof linesOf>;
}

/** A run, and when the picture of each of its moments is to be taken. */
export interface MadeRun {
  readonly run: ScheduleRun;
  readonly wanted: readonly Wanted[];
}

/** Makes the run. */
export function scheduleRun(heard: Heard): MadeRun {
  const { told, decisions, console, repaired, lineOf } = heard;
  const { columns, rows } = collapsedTimeline(told);
  const placed = placedOf(heard, rows.slice(0, MOST_MOMENTS));
  const momentAfter = (events: number): number => {
    const at = placed.findIndex((one) => one.events > events);
    return at < 0 ? placed.length - 1 : at;
  };
  const violation = violationOf(told.violation, placed, lineOf);
  const run: ScheduleRun = {
    schedule: formatSchedule(told.schedule),
    columns,
    decisions: decisionsOf(told, decisions, momentAfter),
    moments: placed.map(({ moment }) => moment),
    console: consoleOf(placed, console, momentAfter),
    violation,
    ending: endingOf(violation, rows.length),
    repaired,
  };
  return { run, wanted: placed.map(({ when }, moment) => ({ moment, when })) };
}

function endingOf(violation: ViolationPicture | undefined, rows: number): ScheduleRun['ending'] {
  if (rows > MOST_MOMENTS) return 'tooLong';
  return violation === undefined ? 'ended' : 'violation';
}

function placedOf({ told, lineOf }: Heard, rows: readonly Row[]): readonly Placed[] {
  const setup: Placed = {
    moment: {
      step: -1,
      actor: -1,
      column: -1,
      text: 'the machine after setup',
      line: undefined,
      kind: 'setup',
    },
    when: 'begin',
    events: told.steps[0]?.firstEvent ?? 0,
  };
  const moments = rows.map((row) => placedRow(told, row, lineOf));
  if (told.violation !== undefined) return [setup, ...moments];
  const last = moments.at(-1)?.moment;
  const end: Placed = {
    moment: {
      step: last?.step ?? -1,
      actor: -1,
      column: last?.column ?? -1,
      text: 'the end: no rule was broken',
      line: undefined,
      kind: 'end',
    },
    when: 'end',
    events: Infinity,
  };
  return [setup, ...moments, end];
}

function placedRow(told: Explained, row: Row, lineOf: Heard['lineOf']): Placed {
  const { event, step, column, where } = row;
  const record = told.steps[step];
  const events = told.dropped + row.at + (event === undefined ? 0 : 1);
  const site = event && (('site' in event ? event.site : undefined) ?? told.siteOf(event));
  return {
    moment: {
      step,
      actor: record?.actor ?? -1,
      column,
      text: where !== '' && row.text.endsWith(where) ? row.text.slice(0, -where.length) : row.text,
      line: lineOf(site),
      kind: kindOf(row),
    },
    when:
      event === undefined
        ? { decisions: (record?.at ?? 0) + 1 }
        : { events, isViolation: event.event === 'violation' },
    events: event === undefined ? events + 0.5 : events,
  };
}

function kindOf({ event, text }: Row): Moment['kind'] {
  if (event?.event === 'violation') return text.endsWith('which is allowed') ? 'event' : 'violation';
  if (event?.event === 'note') return 'note';
  return event === undefined ? 'step' : 'event';
}

function decisionsOf(
  { schedule }: Explained,
  heard: readonly HeardDecision[],
  momentAfter: (events: number) => number,
): readonly Decision[] {
  return schedule.slice(0, heard.length).map((choice, at) => ({
    ...optionOf(choice),
    at,
    moment: momentAfter(heard[at]?.events ?? 0),
    isInner: heard[at]?.isInner ?? false,
    options: heard[at]?.options ?? [],
  }));
}

function consoleOf(
  placed: readonly Placed[],
  lines: Heard['console'],
  momentAfter: (events: number) => number,
): readonly ConsoleLine[] {
  const notes = placed.flatMap(({ moment }, at) =>
    moment.kind === 'note' ? [{ moment: at, text: moment.text }] : [],
  );
  const written = lines.map(({ events, text }) => ({ moment: momentAfter(events), text }));
  return [...notes, ...written].sort((a, b) => a.moment - b.moment);
}

function violationOf(
  violation: Violation | undefined,
  placed: readonly Placed[],
  lineOf: Heard['lineOf'],
): ViolationPicture | undefined {
  if (violation === undefined) return undefined;
  const { rule, what, details } = violation;
  const { title, linux, advice } = RULES[rule];
  const moment = placed.findLastIndex((one) => one.moment.kind === 'violation');
  return {
    rule,
    title,
    what,
    report: formatViolation(violation),
    details,
    linux,
    advice,
    moment: moment < 0 ? placed.length - 1 : moment,
    line: lineOf(violation.foundAt),
  };
}
