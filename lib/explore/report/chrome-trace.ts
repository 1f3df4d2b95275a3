/**
 * A schedule in Chrome's trace event format, which Perfetto opens: a track per CPU, interrupt and
 * device, a slice per step, and a flow from each map to its unmap. One step is one microsecond.
 */
import type { Explained } from '../explain.ts';
import { timelineOf } from './timeline.ts';
import type { Row } from './timeline.ts';

/** One event of the format; `ts` and `dur` are microseconds. */
export interface ChromeEvent {
  readonly name: string;
  readonly ph: 'X' | 'M' | 'i' | 's' | 'f';
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly bp?: 'e';
  readonly s?: 't' | 'g';
  readonly args?: Readonly<Record<string, string | number>>;
}

/** What a trace file holds. */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ns';
  readonly traceEvents: readonly ChromeEvent[];
}

const STEP_US = 100;

/** Makes the trace file of a schedule; write it with `JSON.stringify`. */
export function chromeTrace(told: Explained): ChromeTrace {
  const { columns, rows } = timelineOf(told);
  const events: ChromeEvent[] = columns.map((name, tid) => ({
    name: 'thread_name',
    ph: 'M',
    pid: 1,
    tid,
    ts: 0,
    args: { name },
  }));
  const byStep = group(rows);
  for (const [step, inStep] of byStep) events.push(...stepEvents(step, inStep));
  return { displayTimeUnit: 'ns', traceEvents: events };
}

function group(rows: readonly Row[]): ReadonlyMap<number, readonly Row[]> {
  const steps = new Map<number, Row[]>();
  for (const row of rows) {
    const list = steps.get(row.step) ?? [];
    list.push(row);
    steps.set(row.step, list);
  }
  return steps;
}

function stepEvents(step: number, rows: readonly Row[]): readonly ChromeEvent[] {
  const [first] = rows;
  if (first === undefined) return [];
  const start = step * STEP_US;
  const at = { pid: 1, tid: first.column };
  const slice: ChromeEvent = {
    ...at,
    name: first.actor,
    ph: 'X',
    ts: start,
    dur: STEP_US - 1,
    args: { step, does: rows.map(({ text }) => text).join('; ') },
  };
  const inside = STEP_US / (rows.length + 1);
  return [slice, ...rows.flatMap((row, i) => rowEvents(row, start + (i + 1) * inside, at))];
}

function rowEvents(row: Row, ts: number, at: { pid: number; tid: number }): readonly ChromeEvent[] {
  const { event } = row;
  if (event === undefined) return [];
  const instant: ChromeEvent = {
    ...at,
    name: row.text,
    ph: 'i',
    ts,
    s: event.event === 'violation' ? 'g' : 't',
  };
  if (event.event !== 'map' && event.event !== 'unmap') return [instant];
  const flow = { ...at, name: 'mapping', cat: event.mechanism, id: event.serial, ts };
  return [instant, event.event === 'map' ? { ...flow, ph: 's' } : { ...flow, ph: 'f', bp: 'e' }];
}
