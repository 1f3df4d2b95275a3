/**
 * Violations that no check of the machine reports: those that a rule finds at the end, and errors that a program throws.
 */
import type { RuleId } from '../machine/rules.ts';
import type { ContextState, Violation } from '../machine/violation.ts';
import type { Facts } from './rules/rule.ts';

/** Judged at the end, so there is no line of the program at which it was found. */
export function violationOf(rule: RuleId, facts: Facts): Violation {
  const { severity = 'bug', what, context, mapping, details = [] } = facts;
  return { rule, severity, what, context, mapping, details, foundAt: undefined };
}

/** An error that a program threw in a step. */
export function violationOfThrown(error: unknown, context: ContextState): Violation {
  return {
    rule: 'exception',
    severity: 'bug',
    what: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    context,
    mapping: undefined,
    details: error instanceof Error ? [{ label: 'stack', text: firstFrames(error) }] : [],
    foundAt: undefined,
  };
}

function firstFrames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .slice(1, 5)
    .map((line) => line.trim())
    .join('\n');
}
