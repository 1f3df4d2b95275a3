/**
 * How far exploring is, in one line.
 */
import type { Counts } from 'scatterlist/explore';

/** A line that says how far it is: a guess of the time left only where it is within a day. */
export function progressLine(counts: Counts, part: number | undefined, most: number): string {
  const seconds = counts.milliseconds / 1000;
  const percent = part === undefined ? '' : `${(100 * part).toFixed(1)} %, `;
  const text = `${percent}${String(counts.schedules)} schedules, ${String(counts.states)} states, ${seconds.toFixed(1)} s`;
  if (part === undefined || part <= 0) return text;
  const guess = seconds / part - seconds;
  const bound = Math.max(0, most / 1000 - seconds);
  if (Math.min(guess, bound) > DAY_SECONDS) return text;
  return `${text}, ${guess > bound ? 'at most' : 'about'} ${String(Math.ceil(Math.min(guess, bound)))} s left`;
}

const DAY_SECONDS = 86_400;
