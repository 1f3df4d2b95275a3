/**
 * The one check of numbers: whole, and in the range that a function takes.
 *
 * Every lane says the same words with it: a violation, a `ConfigError`, a `RangeError`, an `InvalidArgument`.
 */

import { ConfigError } from './invariant.ts';

/** The greatest number of a field of 32 bits: length, offset and counts of a `struct scatterlist`. */
export const MOST_32: number = 2 ** 32 - 1;

/** Whether a number is whole, not negative and at most `most`; -0 is 0. */
export function isWhole(n: number, most: number): boolean {
  return Number.isInteger(n) && n >= 0 && n <= most;
}

/** What would have been accepted. */
export function wholeFrom(least: number, most: number): string {
  return `a whole number from ${String(least)} to ${String(most)}`;
}

/** What is wrong with a number, as a sentence. */
export function notWhole(name: string, n: number, least: number, most: number): string {
  return `${name} is ${String(n)}; it must be ${wholeFrom(least, most)}`;
}

/** Refuses a number that sets something up; `most` of Infinity allows Infinity, where no bound means no bound. */
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

/** Refuses a number where there is no machine to tell. */
export function requireWhole(
  name: string,
  n: number,
  least = 0,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (!isWhole(n, most) || n < least) throw new RangeError(notWhole(name, n, least, most));
}
