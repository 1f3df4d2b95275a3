/**
 * A schedule as rows and columns: one column per CPU, one per interrupt and device, one row per thing
 * that happened. What the text report, the page and the trace file have in common.
 */
import { hex } from '../../base/units.ts';
import type { CallSite } from '../../machine/call-site.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import type { Explained } from '../explain.ts';

/** One thing that happened. */
export interface Row {
  /** The step it belongs to, counted from 0. */
  readonly step: number;
  readonly column: number;
  readonly actor: string;
  readonly text: string;
  /** The event, or nothing for a step without any. */
  readonly event: TraceEvent | undefined;
  /** Its place in the trace. */
  readonly at: number;
}

/** A schedule laid out. */
export interface Timeline {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Lays a schedule out. */
export function timelineOf(told: Explained): Timeline {
  const tasks = Object.keys(told.program.tasks).length;
  const cpus = new Set(told.steps.filter(({ actor }) => actor < tasks).map(({ cpu }) => cpu));
  const columns = [...cpus].sort((a, b) => a - b).map((cpu) => `cpu${String(cpu)}`);
  const others = [...new Set(told.steps.map(({ actor }) => actor).filter((actor) => actor >= tasks))];
  columns.push(...others.map((actor) => told.names[actor] ?? ''));
  const rows: Row[] = [];
  for (const [step, record] of told.steps.entries()) {
    const actor = told.names[record.actor] ?? '';
    const column = columns.indexOf(record.actor < tasks ? `cpu${String(record.cpu)}` : actor);
    const end = told.steps[step + 1]?.firstEvent ?? told.events.length;
    const before = rows.length;
    for (let at = record.firstEvent; at < end; at += 1) {
      const event = told.events[at];
      const text = event === undefined ? undefined : textOf(event);
      if (text !== undefined) rows.push({ step, column, actor, text, event, at });
    }
    if (rows.length === before)
      rows.push({ step, column, actor, text: 'runs', event: undefined, at: record.firstEvent });
  }
  return { columns, rows };
}

/** An event in a few words; nothing for those that only mirror another. */
function textOf(event: TraceEvent): string | undefined {
  switch (event.event) {
    case 'map':
      return `map ${hex(event.pfn)}${slotText(event.slot)} (${event.mechanism})${siteText(event.site)}`;
    case 'unmap':
      return `unmap ${hex(event.pfn)}${slotText(event.slot)}`;
    case 'load':
    case 'store':
      return `${event.event} ${hex(event.pfn)}+${String(event.offset)}${event.lengthBytes > 8 ? ` ${String(event.lengthBytes)} bytes` : ''}`;
    case 'sleep':
      return `waits for ${event.on}`;
    case 'wake':
      return `wakes ${event.on}`;
    case 'acquire':
      return `takes ${event.lock}`;
    case 'release':
      return `gives ${event.lock}`;
    case 'atomic':
      return event.isWrite
        ? `${event.name}: ${String(event.before)} becomes ${String(event.value)}`
        : `reads ${event.name}: ${String(event.value)}`;
    case 'pkmap-set':
      return `pool slot ${String(event.slot)} = ${hex(event.pfn)}`;
    case 'pkmap-clear':
      return `pool slot ${String(event.slot)} = -`;
    case 'flush-range':
      return 'flushes every TLB';
    case 'irq-enter':
      return `${event.kind} begins`;
    case 'irq-exit':
      return `${event.kind} ends`;
    case 'bounce-map':
    case 'bounce-unmap':
    case 'bounce-sync':
      return `${event.event.replace('-', ' ')} slot ${String(event.slot)}`;
    case 'io-read':
    case 'io-write':
      return `${event.event.replace('-', ' ')} ${event.region}+${hex(event.offset)}`;
    case 'alloc':
    case 'free':
      return `${event.event} ${hex(event.pfn)}`;
    case 'refused':
      return event.what.startsWith('queue ') ? `${event.what.slice(6)} is taken` : `${event.what} has none`;
    case 'choose':
      return `chooses ${String(event.value)} of 0 to ${String(event.count - 1)}`;
    case 'note':
      return event.text;
    case 'violation':
      return `✗ ${event.rule}`;
    default:
      return undefined;
  }
}

function siteText(site: CallSite | undefined): string {
  if (site === undefined || site.file === '') return '';
  return ` at ${site.file.slice(site.file.lastIndexOf('/') + 1)}:${String(site.line)}`;
}

function slotText(slot: number | undefined): string {
  return slot === undefined ? '' : ` slot ${String(slot)}`;
}
