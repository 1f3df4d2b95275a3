/**
 * Bytes that are not what a check expected.
 */
import { ConfigError } from '../base/invariant.ts';
import { hex } from '../base/units.ts';
import { configWhole } from '../base/whole.ts';
import { Page } from '../machine/memory.ts';

/** An array of numbers. */
type Numbers = ArrayLike<number> & { slice(): ArrayLike<number> };

/** Whether a value is a typed array whose elements are numbers. */
export function isNumbers(value: unknown): value is Numbers {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array)
  );
}

/** What a check returns to say which bytes it expected. */
export interface Mismatch {
  /** A page of memory, or a shared array of numbers. */
  readonly of: Page | ArrayLike<number>;
  /** Where the expected bytes begin. Default 0. */
  readonly at?: number;
  /** A byte, or as many as are given. */
  readonly expected: number | ArrayLike<number>;
}

/** One byte or element that differs. */
export interface Difference {
  readonly at: number;
  readonly actual: number | undefined;
  readonly expected: number;
}

/** Whether a value is a mismatch; any object but an array that has its parts. */
export function isMismatch(value: unknown): value is Mismatch {
  if (typeof value !== 'object' || value === null || !('of' in value && 'expected' in value)) return false;
  const { of, expected } = value;
  const isNumber = typeof expected === 'number' || isList(expected);
  const at: unknown = 'at' in value ? value.at : undefined;
  return isList(of) && isNumber && (at === undefined || typeof at === 'number');
}

function isList(value: unknown): value is Page | ArrayLike<number> {
  return value instanceof Page || (typeof value === 'object' && value !== null && 'length' in value);
}

/** All that differs, in order. */
export function differences(
  { of, at = 0, expected }: Mismatch,
  bytesOf: (page: Page) => Uint8Array,
): readonly Difference[] {
  const actual = of instanceof Page ? bytesOf(of) : of;
  const wanted = typeof expected === 'number' ? [expected] : expected;
  configWhole('at', at, 0, actual.length);
  return Array.from(wanted, (byte, i) => ({ at: at + i, actual: actual[at + i], expected: byte })).filter(
    (one) => one.actual !== one.expected,
  );
}

/** Compares bytes with what they should be: `true`, or the mismatch for a check to return. */
export function sameBytes(mismatch: Mismatch, bytesOf: (page: Page) => Uint8Array): true | Mismatch {
  if (!isMismatch(mismatch))
    throw new ConfigError('sameBytes takes a page or an array of numbers, and the bytes expected there');
  return differences(mismatch, bytesOf).length === 0 ? true : mismatch;
}

/** A byte as a report shows it; an element that is no byte as a number. */
export function byteText(value: number | undefined): string {
  if (value === undefined) return 'missing';
  return Number.isInteger(value) && value >= 0 && value <= 0xff
    ? `0x${value.toString(16).padStart(2, '0')}`
    : String(value);
}

/** `byte 513 of pfn 0x40`, `bytes 8 to 11 of the array`. */
export function rangeText(of: Page | ArrayLike<number>, from: number, to: number): string {
  const range = to - from === 1 ? `byte ${String(from)}` : `bytes ${String(from)} to ${String(to - 1)}`;
  return `${range} of ${of instanceof Page ? `pfn ${hex(of.pfn)}` : 'the array'}`;
}
