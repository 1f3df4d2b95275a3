/**
 * Helpers for the options of all subcommands.
 */
import { UsageError } from './usage-error.ts';

/** The part of a token of `parseArgs` that is used here. */
interface Token {
  readonly kind: string;
  readonly name?: string;
}

/** Refuses an option that is given twice, because `parseArgs` would silently ignore the first. */
export function refuseRepeats(tokens: readonly Token[]): void {
  const seen = new Set<string>();
  for (const { kind, name = '' } of tokens) {
    if (kind !== 'option') continue;
    if (seen.has(name)) throw new UsageError(`--${name} is given twice`);
    seen.add(name);
  }
}

/** A whole number within bounds. */
export function numberOf(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `${option} takes a whole number from ${String(least)} to ${String(most)}, not "${text}"`,
  );
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** A number of bytes, for example `64M`. */
export function bytesOf(option: string, text: string, most: number): number {
  const [, number = '', unit = ''] = /^(\d{1,10})([KMG]?)$/.exec(text) ?? [];
  const value = number === '' ? NaN : Number(number) * (UNITS[unit] ?? NaN);
  if (value >= 1 && value <= most) return value;
  throw new UsageError(`${option} takes 1 to ${String(most)} bytes (64M, 100K), not "${text}"`);
}
