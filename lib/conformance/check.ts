/**
 * The suite's own assertions. They throw an `Error` with the numbers, so that the suite works with any test runner and
 * needs no assertion library.
 */
import { describeError } from '../base/errors.ts';
import type { ScatterlistError } from '../base/errors.ts';
import type { Result } from '../base/result.ts';
import type { RuleId } from '../machine/rules.ts';
import { ViolationError } from '../machine/violation.ts';

/** Fails the clause unless the condition holds. */
export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Formats a value for a message: an object by its name and class. */
export function show(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { name: kind } = value.constructor ?? Object;
  return 'name' in value ? `${kind} "${String(value.name)}"` : `an object (${kind})`;
}

/** Fails the clause unless both are the same value. */
export function same<T>(got: T, want: T, what: string): void {
  check(Object.is(got, want), `${what}: got ${show(got)}, expected ${show(want)}`);
}

/** Fails the clause at the first byte that differs. */
export function sameBytes(got: Uint8Array, want: Uint8Array, what: string): void {
  same(got.length, want.length, `${what}, bytes`);
  const at = want.findIndex((byte, i) => byte !== got[i]);
  check(
    at < 0,
    `${what}: byte ${String(at)} of ${String(want.length)} is ${String(got[at])}, expected ${String(want[at])}`,
  );
}

/** The value of a result that must be a success. */
export function valueOf<T>(result: Result<T, ScatterlistError>, what: string): T {
  check(result.ok, `${what} failed with ${result.ok ? '' : describeError(result.error)}`);
  return result.value;
}

/** The error of a result that must be a failure. */
export function errorOf(result: Result<unknown, ScatterlistError>, what: string): ScatterlistError {
  check(!result.ok, `${what} succeeded`);
  return result.error;
}

/** Returns the rule that an action broke, or `undefined`; any other exception is passed on. */
export function ruleBroken(action: () => void): RuleId | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ViolationError) return error.violation.rule;
    throw error;
  }
  return undefined;
}

/** Fails the clause unless the action breaks one of these rules. */
export function breaks(rules: readonly RuleId[], action: () => void, what: string): void {
  const rule = ruleBroken(action);
  check(
    rule !== undefined && rules.includes(rule),
    `${what}: expected the violation ${rules.join(' or ')}, got ${rule ?? 'none'}`,
  );
}
