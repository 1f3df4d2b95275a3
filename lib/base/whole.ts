/**
 * Checks that numbers are whole and in the range that a function accepts.
 *
 * Violations, `ConfigError`, `RangeError` and `InvalidArgument` use the same wording from here.
 */

import { ConfigError } from './invariant.ts';

/** The greatest 32-bit number: the limit of length, offset and counts of a `struct scatterlist`. */
export const MOST_32: number = 2 ** 32 - 1;

/** Whether a number is whole, not negative and at most `most`; -0 is 0. */
export function isWhole(n: number, most: number): boolean {
  return Number.isInteger(n) && n >= 0 && n <= most;
}

/** Describes the accepted numbers. */
export function wholeFrom(least: number, most: number): string {
  return `a whole number from ${String(least)} to ${String(most)}`;
}

/** Describes in a sentence what is wrong with a number. */
export function notWhole(name: string, n: number, least: number, most: number): string {
  return `${name} is ${String(n)}; it must be ${wholeFrom(least, most)}`;
}

/** Refuses an invalid number in a set-up option; if `most` is Infinity, Infinity is allowed and means no limit. */
export function configWhole(
  name: string,
  n: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (n === Infinity && most === Infinity) return;
  if (!isWhole(n, Math.min(most, Number.MAX_SAFE_INTEGER)) || n < least)
    throw new ConfigError(notWhole(name, n, least, most));
}

/** Refuses an invalid number if there is no machine to report to. */
export function requireWhole(
  name: string,
  n: number,
  least = 0,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (!isWhole(n, most) || n < least) throw new RangeError(notWhole(name, n, least, most));
}
