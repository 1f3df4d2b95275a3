/**
 * A schedule as rows and columns: one column per CPU, one per interrupt and device, one row per thing
 * that happened. What the text report, the page and the trace file have in common.
 */
import type { PlaceName } from '../../machine/hardware.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import { siteText } from '../../machine/violation.ts';
import type { Explained } from '../explain.ts';
import { eventText } from './event-text.ts';

/** One thing that happened. */
export interface Row {
  /** The step it belongs to, counted from 0. */
  readonly step: number;
  /** The last step of a run of like things. */
  readonly lastStep?: number;
  readonly column: number;
  readonly actor: string;
  /** What happened, with its line. */
  readonly text: string;
  /** The end of the text that names the line; empty where none is known. */
  readonly where: string;
  /** The event; `undefined` for a step without any. */
  readonly event: TraceEvent | undefined;
  /** What the program calls the memory that the event is about, if it has a name. */
  readonly name?: PlaceName | undefined;
  /** Its place in the trace. */
  readonly at: number;
}

/** A schedule laid out. */
export interface Timeline {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Events that are a part of what another row tells with its line, or that no line of a program caused. */
const WITHOUT_LINE: ReadonlySet<TraceEvent['event']> = new Set<TraceEvent['event']>([
  'local-set',
  'local-clear',
  'pkmap-set',
  'pkmap-clear',
  'flush-page',
  'flush-range',
  'flush-cache-kmaps',
  'switch',
  'irq-enter',
  'irq-exit',
  'choose',
  'note',
  'counts',
]);

/** Lays a schedule out. */
export function timelineOf(told: Explained): Timeline {
  const tasks = Object.keys(told.program.tasks).length;
  const cpus = new Set(told.steps.filter(({ actor }) => actor < tasks).map(({ cpu }) => cpu));
  const columns = [...cpus].sort((a, b) => a - b).map((cpu) => `cpu${String(cpu)}`);
  const others = [...new Set(told.steps.map(({ actor }) => actor).filter((actor) => actor >= tasks))];
  columns.push(...others.map((actor) => told.names[actor] ?? ''));
  const rows: Row[] = [];
  const isLeftOut = (step: number): boolean => step >= firstRound(told) + (told.round ?? 0);
  for (const [step, record] of told.steps.entries()) {
    const actor = told.names[record.actor] ?? '';
    const column = columns.indexOf(record.actor < tasks ? `cpu${String(record.cpu)}` : actor);
    const place = { step, column, actor };
    const begin = Math.max(0, record.firstEvent - told.dropped);
    const end = (told.steps[step + 1]?.firstEvent ?? Infinity) - told.dropped;
    const isLast = step === told.steps.length - 1;
    if (told.round !== undefined && isLeftOut(step) && !isLast) continue;
    const before = rows.length;
    if (told.round !== undefined && isLast) {
      const text = `↻ the last ${String(told.round)} step${told.round === 1 ? '' : 's'} above, repeated for ever`;
      rows.push({ ...place, text, where: '', event: undefined, at: begin });
    }
    for (const [i, event] of told.events.slice(begin, Math.max(begin, end)).entries()) {
      const where = whereOf(told, event);
      const name = told.nameOf?.(event);
      rows.push({ ...place, text: textOf(told, event) + where, where, event, name, at: begin + i });
    }
    // That a CPU was given to a task is not what the task did.
    if (rows.slice(before).every(({ event }) => event?.event === 'switch'))
      rows.push({
        ...place,
        text: record.firstEvent < told.dropped ? 'not kept' : 'runs',
        where: '',
        event: undefined,
        at: begin,
      });
  }
  return { columns, rows };
}

/** The step with which the rounds begin that are all the same, where a schedule ends in some. */
function firstRound({ round, steps }: Explained): number {
  if (round === undefined) return steps.length;
  let from = steps.length - round;
  while (from > 0 && steps[from - 1]?.choice === steps[from - 1 + round]?.choice) from -= 1;
  return from;
}

function textOf({ program, violation, nameOf }: Explained, event: TraceEvent): string {
  const allowed: readonly string[] = [
    ...(program.allow ?? []),
    ...(program.mayKeepMappings === true ? ['leak'] : []),
  ];
  const isAllowed =
    event.event === 'violation' && event.rule !== violation?.rule && allowed.includes(event.rule);
  return `${eventText(event, nameOf?.(event))}${isAllowed ? ', which is allowed' : ''}`;
}

function whereOf(told: Explained, event: TraceEvent): string {
  if (WITHOUT_LINE.has(event.event)) return '';
  const site = ('site' in event ? event.site : undefined) ?? told.siteOf(event);
  return site === undefined || site.file === '' ? '' : ` at ${siteText(site)}`;
}
