/**
 * How often an interrupt comes.
 */
import { ConfigError } from '../base/invariant.ts';
import { configWhole } from '../base/whole.ts';

/** How often an interrupt comes at least and at most. Made by `once` and `maybe`. */
export interface Times {
  readonly least: number;
  readonly most: number;
}

/** It comes one time. */
export const once: Times = { least: 1, most: 1 };

/**
 * It may come up to so many times, or not at all: schedules that end without it are explored, too.
 *
 * @example
 * ```ts
 * const timeout = { kind: 'softirq', times: maybe(2), run: () => undefined };
 * console.log(timeout.times.most);
 * ```
 */
export function maybe(most: number = 1): Times {
  configWhole('the most times of maybe', most, 1, Infinity);
  return { least: 0, most };
}

/** The bounds of a declaration. An interrupt that is only raised comes as often as it is raised. */
export function boundsOf({
  times,
  onlyRaised,
}: {
  readonly times?: number | Times;
  readonly onlyRaised?: boolean;
}): Times {
  if (typeof times === 'object') return times;
  const most = times ?? (onlyRaised === true ? Infinity : 1);
  return { least: most, most };
}

/** Refuses a number of times that cannot be. */
export function checkTimes(what: string, times: unknown): void {
  if (times === undefined) return;
  if (typeof times === 'number') configWhole(what, times, 0, Infinity);
  else if (!isTimes(times))
    throw new ConfigError(`${what} is ${typeof times}; it must be a number, once or maybe(number)`);
  else {
    configWhole(`${what}, at least`, times.least, 0, Infinity);
    configWhole(`${what}, at most`, times.most, times.least, Infinity);
  }
}

function isTimes(value: unknown): value is Times {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'least' in value && typeof value.least === 'number' && 'most' in value && typeof value.most === 'number'
  );
}
