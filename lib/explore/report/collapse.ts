/**
 * Runs of rows that differ in a number only, as one row each: a loop over the bytes of a page.
 */
import { hex } from '../../base/units.ts';
import type { Explained } from '../explain.ts';
import { timelineOf } from './timeline.ts';
import type { Row, Timeline } from './timeline.ts';

/** Repetitions from which a run is one row. */
const FEWEST = 3;
/** Rows that a loop may have: a copy has two, its load and its store. */
const MOST_LANES = 4;

/** A row as a member of a run. */
interface Member {
  /** The same for all rows of a run. */
  readonly key: string;
  /** What is accessed, without its place. */
  readonly what: string;
  readonly from: number;
  readonly length: number;
  /** Whether places are shown in hex. */
  readonly isHex: boolean;
}

/** Lays a schedule out, with each run of like rows as one row. */
export function collapsedTimeline(told: Explained): Timeline {
  const { columns, rows } = timelineOf(told);
  return { columns, rows: collapse(rows) };
}

/** The rows, with each run of like ones as one row that says how many and where. */
export function collapse(rows: readonly Row[]): readonly Row[] {
  const members = rows.map(memberOf);
  const out: Row[] = [];
  for (let at = 0; at < rows.length;) {
    const [lanes, times] = runAt(members, at);
    if (times === 0) {
      out.push(...rows.slice(at, at + 1));
      at += 1;
      continue;
    }
    for (let lane = 0; lane < lanes; lane += 1)
      out.push(...joined(rows, members, at + lane, at + lane + (times - 1) * lanes, times));
    at += lanes * times;
  }
  return out;
}

/** The run that begins at a row: how many rows its loop has, and how often it ran; 0 times if there is no run. */
function runAt(
  members: readonly (Member | undefined)[],
  at: number,
): readonly [lanes: number, times: number] {
  for (let lanes = 1; lanes <= MOST_LANES; lanes += 1) {
    let length = lanes;
    while (continues(members, at, at + length, lanes)) length += 1;
    const times = Math.floor(length / lanes);
    if (times >= FEWEST) return [lanes, times];
  }
  return [1, 0];
}

/** Whether a row goes on as the row did that lies one turn of the loop before it. */
function continues(
  members: readonly (Member | undefined)[],
  start: number,
  at: number,
  lanes: number,
): boolean {
  const [before, now] = [members[at - lanes], members[at]];
  if (before === undefined || now?.key !== before.key || now.length !== before.length) return false;
  const earlier = at - 2 * lanes < start ? undefined : members[at - 2 * lanes];
  return earlier === undefined || now.from - before.from === before.from - earlier.from;
}

function joined(
  rows: readonly Row[],
  members: readonly (Member | undefined)[],
  first: number,
  last: number,
  times: number,
): readonly Row[] {
  const [row, lastRow, from, to] = [rows[first], rows[last], members[first], members[last]];
  if (row === undefined || lastRow === undefined || from === undefined || to === undefined) return [];
  const steps = lastRow.step === row.step ? '' : `, steps ${String(row.step)} to ${String(lastRow.step)}`;
  const text = `${from.what}${rangeOf(from, to, times)} (${String(times)} times${steps})`;
  return [{ ...row, text: text + row.where, at: lastRow.at, lastStep: lastRow.step }];
}

function rangeOf(from: Member, to: Member, times: number): string {
  if (from.length === 0) return '';
  const show = from.isHex ? hex : String;
  const stride = (to.from - from.from) / (times - 1);
  if (stride === 0) return show(from.from);
  const every = Math.abs(stride) === from.length ? '' : `, every ${String(Math.abs(stride))}`;
  if (stride < 0) return `${show(from.from)} down to ${show(to.from)}${every}`;
  return `${show(from.from)} to ${show(to.from + to.length - 1)}${every}`;
}

function memberOf(row: Row): Member | undefined {
  const { event, actor, column, where, name } = row;
  const member = (what: string, from = 0, length = 0, isHex = false): Member => ({
    key: `${what}|${actor}|${String(column)}|${where}`,
    what,
    from,
    length,
    isHex,
  });
  switch (event?.event) {
    case undefined:
      return member(row.text);
    case 'load':
    case 'store':
      return member(
        `${event.event} ${name?.base ?? hex(event.pfn)}+`,
        name?.offset ?? event.offset,
        event.lengthBytes,
      );
    case 'io-read':
    case 'io-write':
      return member(`${event.event.replace('-', ' ')} ${event.region}+`, event.offset, event.width, true);
    case 'changed':
      return member(`changes without a store ${hex(event.pfn)}+`, event.offset, event.lengthBytes);
    case 'dma':
      if (event.verb !== 'read' && event.verb !== 'write') return undefined;
      return member(
        `${event.device} ${event.verb}s bytes ${event.direction} at `,
        event.address,
        event.lengthBytes,
        true,
      );
    case 'alloc':
    case 'free':
      return member(`${event.event} `, event.pfn, 1, true);
    case 'atomic':
      return event.isWrite ? undefined : member(`reads ${event.name}`);
    case 'shared-write': {
      const [, list, index] = /^(.*[.[])(\d+)\]?$/.exec(event.place) ?? [];
      return list === undefined ? undefined : member(`writes ${list.slice(0, -1)} `, Number(index), 1);
    }
    default:
      return undefined;
  }
}
