/**
 * Looks at the clock as work goes on, but not at each step, which would cost more than many steps do.
 */

import { ConfigError } from '../base/invariant.ts';

/** Most steps between two looks at the clock; there are as many where steps are fast. */
const FAST_STEPS = 16;
/** A step that took longer than this is followed by a look at the clock. */
const SLOW_MS = 20;

/** Refuses a limit that is none; Infinity is no limit. */
export function checkLimit(name: string, most: number | undefined): void {
  if (most !== undefined && !(most >= 0))
    throw new ConfigError(`${name} is ${String(most)}; it must be 0 or more`);
}

/** Tells work to stop: an `AbortSignal`, or anything like it. It is looked at as often as the clock. */
export interface StopSignal {
  readonly aborted: boolean;
  /** Why, for the outcome: a sentence, or an error. */
  readonly reason?: unknown;
}

/** Says when a time is over, or a signal was given. */
export class Stopwatch {
  private readonly most: number;
  private readonly onLook: ((milliseconds: number) => void) | undefined;
  private readonly signal: StopSignal | undefined;
  readonly #start = Date.now();
  #last = 0;
  #left = 0;
  #between = 1;
  /** Whether the time was over, or the signal given, at the last look. */
  ended = false;

  /** `onLook` is told how many milliseconds have passed, at each look. */
  constructor(most: number, onLook?: (milliseconds: number) => void, signal?: StopSignal) {
    this.most = most;
    this.onLook = onLook;
    this.signal = signal;
  }

  get milliseconds(): number {
    return Date.now() - this.#start;
  }

  /** What ended: the limit of an outcome, and the reason that the signal gave. */
  get end(): { readonly limit: 'milliseconds' | 'stopped'; readonly what?: string } {
    if (this.signal?.aborted !== true) return { limit: 'milliseconds' };
    const { reason } = this.signal;
    const what = reason instanceof Error ? reason.message : reason;
    return { limit: 'stopped', what: typeof what === 'string' ? what : 'it was stopped' };
  }

  /** Whether the time is over; asked at each step. */
  isOver(): boolean {
    if (this.ended) return true;
    this.#left -= 1;
    return this.#left < 0 && this.look();
  }

  /** The same, with a look at the clock. */
  look(): boolean {
    const now = this.milliseconds;
    this.#between = now - this.#last > SLOW_MS ? 1 : Math.min(FAST_STEPS, 2 * this.#between);
    this.#left = this.#between - 1;
    this.#last = now;
    this.onLook?.(now);
    this.ended = this.signal?.aborted === true || now >= this.most;
    return this.ended;
  }
}
