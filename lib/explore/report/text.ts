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
import { slotTables } from './slots.ts';
import { timelineOf } from './timeline.ts';
import type { Row, Timeline } from './timeline.ts';

/** How a report is laid out. */
export interface TextOptions {
  /** Columns of the terminal. Default 100. */
  readonly width?: number;
  /** The program's file, for the line that replays it. Default `FILE`. */
  readonly file?: string;
}

/** Prints a schedule that ends in a violation, or one that ends well. */
export function formatReport(told: Explained, options: TextOptions = {}): string {
  checkOptions('formatReport', options, { width: 'number', file: 'string' });
  const width = options.width ?? 100;
  configWhole('width', width, 1, Infinity);
  const parts = [
    told.violation === undefined ? 'No rule was broken on this schedule.' : formatViolation(told.violation),
    fitLine(told),
    formatTimeline(shownOf(timelineOf(told)), width).join('\n'),
    formatSlots(told).join('\n'),
    replayLine(told, options.file ?? 'FILE'),
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

/** Says that the schedule told is not the one that was given; empty where it is. */
export function fitLine({ exact, unused }: Explained): string {
  if (exact) return '';
  if (unused === 0) return 'The given schedule does not fit the program; the nearest that does was run.';
  return `The given schedule does not fit the program: ${String(unused)} of its steps were left when the program ended.`;
}

function replayLine(told: Explained, file: string): string {
  const switches = switchesOf(told.steps.map(({ actor }) => actor));
  return `  Replay: scatterlist replay ${shellWord(file)} '${formatSchedule(told.schedule)}'   (${String(told.steps.length)} steps, ${String(switches)} switches)`;
}

/** The timeline as lines no wider than `width`: a column for each CPU, interrupt and device. */
export function formatTimeline({ columns, rows }: Timeline, width: number): readonly string[] {
  const number = String(rows.at(-1)?.step ?? 0).length;
  const widths = columnWidths({ columns, rows }, width - number - 4);
  const line = (mark: string, cells: readonly string[]): string => {
    const padded = cells.map((text, i) => clip(text, widths[i] ?? 0).padEnd(widths[i] ?? 0));
    return `  ${mark.padStart(number)} │ ${padded.join(' │ ')}`.trimEnd();
  };
  const lines = [line('', columns)];
  let previous: Row | undefined;
  for (const row of rows) {
    const isNew = row.step !== previous?.step;
    // The actor's name where it begins; inside the same step only what it does.
    const begins = row.actor !== previous?.actor || row.column !== previous.column;
    const label = begins ? `${row.actor}: ` : '  ';
    lines.push(
      line(
        isNew ? String(row.step) : '',
        columns.map((_, column) => (column === row.column ? label + row.text : '')),
      ),
    );
    previous = row;
  }
  return lines;
}

/** What each column needs, taken from the widest until all fit. */
function columnWidths({ columns, rows }: Timeline, room: number): readonly number[] {
  const widths = columns.map((name) => name.length);
  for (const { column, actor, text } of rows)
    widths[column] = Math.max(widths[column] ?? 0, actor.length + 2 + text.length);
  const sum = (): number => widths.reduce((total, width) => total + width + 3, 0);
  for (let over = sum() - room; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(1, (widths[widest] ?? 1) - 1);
  }
  return widths;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function formatSlots(told: Explained): readonly string[] {
  const table = slotTables(told.events).at(-1);
  if (table === undefined) return [];
  const sections = [
    ['mappings live', table.live],
    ['local slots', table.local],
    ['pool slots', table.pool],
  ] as const;
  return sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([label, lines]) => lines.map((text, i) => `  ${(i === 0 ? label : '').padEnd(14)}${text}`));
}
