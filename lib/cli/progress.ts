/**
 * How far exploring is, in one line.
 */
import type { Budget, Counts } from 'scatterlist/explore';

/** What is known of a search that goes on. */
export interface Progress {
  readonly counts: Counts;
  /** The part that is explored, where the strategy can tell. */
  readonly part: number | undefined;
  readonly budget: Budget;
  /** The milliseconds that are left for shrinking, while what was found is shrunk. */
  readonly shrinkingMs: number | undefined;
  /** The part of what was found that was run once more, while it is run for the report. */
  readonly toldPart?: number | undefined;
}

/** A line that says how far it is, how fast, and when it ends at the latest, within a day. */
export function progressLine({ counts, part, budget, shrinkingMs, toldPart }: Progress): string {
  const { schedules, states, steps, milliseconds } = counts;
  const seconds = milliseconds / 1000;
  const done = `${amount(schedules)} schedules, ${amount(states)} states`;
  if (toldPart !== undefined)
    return `a rule is broken; ${tellingLine(toldPart)}; ${done}, ${seconds.toFixed(1)} s`;
  if (shrinkingMs !== undefined)
    return `a rule is broken; shrinking the schedule, at most ${text(shrinkingMs / 1000)} s left; ${done}, ${seconds.toFixed(1)} s`;
  const percent = part === undefined ? '' : `${(100 * part).toFixed(1)} %, `;
  const rate = seconds > 0 ? `, ${amount(Math.round(steps / seconds))} steps/s` : '';
  const ends = bound(seconds, part, counts, budget);
  return `${percent}${done}${rate}, ${seconds.toFixed(1)} s${ends === '' ? '' : `, ${ends}`}`;
}

/** How far the run is that a report is made of. */
export function tellingLine(part: number): string {
  return `running the schedule for the report, ${String(Math.floor(100 * part))} %`;
}

function bound(seconds: number, part = 0, { schedules }: Counts, budget: Budget): string {
  const guess = part > 0 ? seconds / part - seconds : Infinity;
  const most = Math.max(0, (budget.milliseconds ?? Infinity) / 1000 - seconds);
  if (Math.min(guess, most) <= DAY_SECONDS)
    return `${guess > most ? 'at most' : 'about'} ${text(Math.min(guess, most))} s left`;
  return budget.schedules === undefined
    ? ''
    : `at most ${amount(Math.max(0, budget.schedules - schedules))} schedules left`;
}

function text(seconds: number): string {
  return String(Math.ceil(seconds));
}

function amount(count: number): string {
  return count.toLocaleString('en-US');
}

const DAY_SECONDS = 86_400;
