/**
 * The events of a run as lines of text, of which a long run keeps the first and the last.
 */
import { collapse } from '../../explore/report/collapse.ts';
import { eventText } from '../../explore/report/event-text.ts';
import type { Row } from '../../explore/report/timeline.ts';
import type { CallSite } from '../../machine/call-site.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import { siteText } from '../../machine/violation.ts';
import type { RunTrace } from '../cell.ts';

const FIRST = 24;
const LAST = 16;

/** The lines: what did it, and what happened. Loops are one line each. `place` translates the places in them. */
export function traceLines(
  { events, dropped }: RunTrace,
  place: (site: CallSite | undefined) => CallSite | undefined,
): readonly string[] {
  const rows = collapse(rowsOf(events, place));
  const width = Math.max(0, ...rows.map(({ actor }) => actor.length));
  const lines = rows.map(({ actor, text }) => `${actor.padEnd(width)}  ${text}`);
  const hidden = lines.length - FIRST - LAST;
  const shown =
    hidden <= 1
      ? lines
      : [...lines.slice(0, FIRST), `… ${String(hidden)} more lines …`, ...lines.slice(-LAST)];
  return dropped === 0 ? shown : [`… ${String(dropped)} events before these were not kept …`, ...shown];
}

function rowsOf(
  events: readonly TraceEvent[],
  place: (site: CallSite | undefined) => CallSite | undefined,
): readonly Row[] {
  const rows: Row[] = [];
  let actor = '';
  // Backwards, because what a function does to slots and TLBs comes before the event that says who called it.
  for (const [i, event] of [...events.entries()].reverse()) {
    actor = PARTS.has(event.event) ? actor : actorOf(event);
    const site = 'site' in event ? place(event.site) : undefined;
    const where = site === undefined || site.file === '' ? '' : ` at ${siteText(site)}`;
    rows.push({ step: 0, column: 0, actor, text: eventText(event) + where, where, event, at: i });
  }
  return rows.reverse();
}

/** Events that are a part of what the event after them tells. */
const PARTS: ReadonlySet<TraceEvent['event']> = new Set<TraceEvent['event']>([
  'local-set',
  'local-clear',
  'pkmap-set',
  'pkmap-clear',
  'flush-page',
  'flush-range',
  'flush-cache-kmaps',
  'flush-dcache-page',
]);

function actorOf(event: TraceEvent): string {
  if (event.event === 'dma') return event.device;
  if (!('by' in event)) return '';
  const { name, cpu } = event.by;
  return cpu < 0 ? name : `${name} cpu${String(cpu)}`;
}
