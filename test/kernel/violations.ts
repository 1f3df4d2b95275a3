/** Helpers of the specs: which contract an action breaks. */
import { ViolationError } from 'scatterlist';
import type { Machine } from 'scatterlist';

/** Linux's behaviour behind a report: quirks reproduced, warnings recorded and passed. */
export const AS_LINUX = { semantics: 'compatible', onViolation: 'record' } as const;

/** The rule that an action breaks on a machine that throws, or `none`. */
export function violationOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ViolationError) return error.violation.rule;
    throw error;
  }
  return 'none';
}

/** The rules broken so far on a machine that records. */
export function rulesOf(machine: Machine): readonly string[] {
  return machine.violations.map(({ rule }) => rule);
}
