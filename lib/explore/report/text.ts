/**
 * A found violation for a terminal: what broke, what happened on each CPU, what was mapped, and the
 * line that replays it.
 */
import { checkOptions } from '../../base/options.ts';
import { oneLine, printable, shellWord } from '../../base/printable.ts';
import { configWhole } from '../../base/whole.ts';
import { formatViolation } from '../../machine/violation.ts';
import { formatSchedule } from '../choice.ts';
import type { Explained } from '../explain.ts';
import { switchesOf } from '../outcome.ts';
import { addressLines } from './addresses.ts';
import { collapsedTimeline } from './collapse.ts';
import { wrapText } from '../../base/text-lines.ts';
import { slotTables } from './slots.ts';
import type { Row, Timeline } from './timeline.ts';

/** How a report is laid out. */
export interface TextOptions {
  /** Columns of the terminal. Default 100. */
  readonly width?: number;
  /** Rows of the timeline that are shown; in the middle some are left out. Default 60; Infinity shows all. */
  readonly rows?: number;
  /** The program's file, for the line that replays it. Default `FILE`. */
  readonly file?: string;
}

const DEFAULT_ROWS = 60;
/** A report that is narrower than this cannot be read. */
const NARROWEST = 40;

/** Prints a schedule that ends in a violation, or one that ends well. */
export function formatReport(told: Explained, options: TextOptions = {}): string {
  checkOptions('formatReport', options, { width: 'number', rows: 'number', file: 'string' });
  const { width: asked = 100, rows = DEFAULT_ROWS } = options;
  configWhole('width', asked, 1, Infinity);
  configWhole('rows', rows, 1, Infinity);
  const width = Math.max(asked, NARROWEST);
  const parts = [
    told.violation === undefined
      ? 'No rule was broken on this schedule.'
      : formatViolation(told.violation, width),
    wrapText(fitLine(told), width, 0).join('\n'),
    formatTimeline(shownOf(collapsedTimeline(told)), width, rows).join('\n'),
    formatSlots(told, width).join('\n'),
    formatAddresses(told, width).join('\n'),
    replayLine(told, options.file ?? 'FILE', width),
  ];
  return printable(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
}

/** The names and texts of a timeline, a line each. */
function shownOf({ columns, rows }: Timeline): Timeline {
  return {
    columns: columns.map(oneLine),
    rows: rows.map((row) => ({ ...row, actor: oneLine(row.actor), text: oneLine(row.text) })),
  };
}

/** Says that the schedule told is not all of the one that was given; empty where it is. */
export function fitLine({ exact, stopped, unused }: Explained): string {
  if (stopped === true)
    return `The time was over before the schedule had ended: its last ${String(unused)} decisions were not run.`;
  if (exact) return '';
  if (unused === 0) return 'The given schedule does not fit the program; the nearest that does was run.';
  return `The given schedule does not fit the program: ${String(unused)} of its steps were left when the program ended.`;
}

// The command is never broken, so that it can be copied.
function replayLine(told: Explained, file: string, width: number): string {
  const switches = switchesOf(told.steps.map(({ actor }) => actor));
  const command = `  Replay: scatterlist replay ${shellWord(file)} '${formatSchedule(told.schedule)}'`;
  const counts = `(${String(told.steps.length)} steps, ${String(switches)} switches)`;
  return `${command}${command.length + 3 + counts.length <= width ? '   ' : '\n  '}${counts}`;
}

/** Rows of a broken rule in the middle that are shown although their neighbours are left out. */
const MOST_BREAKS = 5;

/** The timeline as lines no wider than `width`: a column for each CPU, interrupt and device, and at most `most` rows. */
export function formatTimeline(
  timeline: Timeline,
  width: number,
  most: number = Infinity,
): readonly string[] {
  const { columns, rows, number, widths } = laidOut(timeline, width);
  const line = (mark: string, cells: readonly string[]): string => {
    const padded = cells.map((text, i) => text.padEnd(widths[i] ?? 0));
    return `  ${mark.padStart(number)} │ ${padded.join(' │ ')}`.trimEnd();
  };
  const lines = [
    line(
      '',
      columns.map((name, i) => clip(name, widths[i] ?? 0)),
    ),
  ];
  const shown = shownRows(rows, most);
  let previous: Row | undefined;
  let left = 0;
  for (const [at, row] of rows.entries()) {
    if (!shown(at)) {
      left += 1;
      continue;
    }
    if (left > 0) lines.push(...gap(left, width));
    if (left > 0) previous = undefined;
    left = 0;
    // The actor's name where it begins; inside the same step only what it does.
    const begins = row.actor !== previous?.actor || row.column !== previous.column;
    const text = `${begins ? `${row.actor}: ` : '  '}${row.text}`;
    const isNew = row.step !== previous?.step;
    for (const [i, part] of wrapText(text, widths[row.column] ?? 0, 4).entries()) {
      const cells = columns.map((_, column) => (column === row.column ? part : ''));
      lines.push(line(isNew && i === 0 ? String(row.step) : '', cells));
    }
    previous = row;
  }
  return lines;
}

function gap(left: number, width: number): readonly string[] {
  const text = `… ${String(left)} rows are left out; --all shows them, and so does the page of --html`;
  return wrapText(text, width - 4).map((part) => `    ${part}`);
}

/** Which rows are shown: the first, more of the last, and those that break a rule. */
function shownRows(rows: readonly Row[], most: number): (at: number) => boolean {
  if (rows.length <= most) return () => true;
  const first = Math.floor(most / 3);
  const last = rows.length - (most - first);
  const breaks = [...rows.entries()].filter(([at, { event }]) => at < last && event?.event === 'violation');
  const kept = new Set(breaks.map(([at]) => at).slice(-MOST_BREAKS));
  return (at) => at < first || at >= last || kept.has(at);
}

/** Columns narrower than this break every text, so that the timeline is told in one column instead. */
const NARROWEST_COLUMN = 18;

/** Columns that fit, or one column for all. */
function laidOut(
  timeline: Timeline,
  width: number,
): Timeline & { readonly number: number; readonly widths: readonly number[] } {
  const number = String(timeline.rows.at(-1)?.step ?? 0).length;
  const room = width - number - 5;
  const needed = neededWidths(timeline);
  const widths = columnWidths(needed, room);
  if (widths.every((given, i) => given >= Math.min(NARROWEST_COLUMN, needed[i] ?? 0)))
    return { ...timeline, number, widths };
  const rows = timeline.rows.map((row) => ({
    ...row,
    column: 0,
    actor:
      row.actor === timeline.columns[row.column]
        ? row.actor
        : `${timeline.columns[row.column] ?? ''} ${row.actor}`,
  }));
  return { columns: ['actor: event'], rows, number, widths: [Math.max(1, room)] };
}

function neededWidths({ columns, rows }: Timeline): number[] {
  const widths = columns.map((name) => name.length);
  for (const { column, actor, text } of rows)
    widths[column] = Math.max(widths[column] ?? 0, actor.length + 2 + text.length);
  return widths;
}

/** What each column gets, taken from the widest until all fit. */
function columnWidths(needed: readonly number[], room: number): readonly number[] {
  const widths = [...needed];
  const sum = (): number => widths.reduce((total, width) => total + width + 3, 0) - 3;
  for (let over = sum() - room; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(1, (widths[widest] ?? 1) - 1);
  }
  return widths;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function formatAddresses(told: Explained, width: number): readonly string[] {
  return addressLines(told).flatMap((line) => wrapText(line, width - 2, 4).map((part) => `  ${part}`));
}

function formatSlots(told: Explained, width: number): readonly string[] {
  const table = slotTables(told.events).at(-1);
  if (table === undefined) return [];
  const sections = [
    ['mappings live', table.live],
    ['local slots', table.local],
    ['pool slots', table.pool],
  ] as const;
  return sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([label, lines]) =>
      lines
        .flatMap((text) => wrapText(text, width - 16))
        .map((text, i) => `  ${(i === 0 ? label : '').padEnd(14)}${text}`),
    );
}
