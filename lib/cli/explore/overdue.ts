/**
 * When a thread that explores must be ended from outside, because it does not end by itself.
 */
import type { Phase } from './shared.ts';

/** What is known of a thread, in milliseconds. */
export interface Life {
  readonly phase: Phase;
  /** Since the phase began. */
  readonly spent: number;
  /** Since the last sign of life. */
  readonly silent: number;
  /** Since it was told to stop, if it was. */
  readonly stopping: number | undefined;
  /** Whether that was because the memory is full: a step that goes on may take more and more of it. */
  readonly isFull: boolean;
  /** The time it has to explore; Infinity if that is bounded otherwise. */
  readonly most: number;
}

const MINUTE = 60_000;
/** A loader may have to start first, on a machine that is busy. */
const LOADING = 15_000;
/** A step that took longer than the budget and this does not return, as far as the command can know. */
const GRACE = { least: 1000, most: 5000 } as const;
/** After it was told to stop, a step has that long. */
const LAST = 2000;
/** The same where the memory is full. */
const LAST_IF_FULL = 200;
/** Shrinking may go on that long after the time is over. */
const OVERTIME = 15_000;

/** What the watch does: nothing, tell the thread to stop, or end it. */
export function verdictOn({ phase, spent, silent, stopping, isFull, most }: Life): 'go on' | 'stop' | 'end' {
  const allowed = phase === 'exploring' ? most : phase === 'loading' ? LOADING : MINUTE;
  const grace = Math.max(GRACE.least, Math.min(GRACE.most, allowed));
  if (stopping !== undefined) {
    if (phase === 'loading') return 'end';
    // What was found is told to the end.
    if (phase === 'reporting') return spent > MINUTE ? 'end' : 'go on';
    const last = isFull ? LAST_IF_FULL : LAST;
    return (stopping > last && silent > last) || stopping > OVERTIME ? 'end' : 'go on';
  }
  if (silent > (allowed === Infinity ? MINUTE : grace) && (spent > allowed + grace || allowed === Infinity))
    return 'end';
  return spent > allowed + OVERTIME ? 'stop' : 'go on';
}
