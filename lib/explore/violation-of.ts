/**
 * Violations that no check of the machine reports: those that a rule finds at the end, and errors that a program throws.
 */
import { programFrames } from '../machine/call-site.ts';
import type { ProgramFrame } from '../machine/call-site.ts';
import type { RuleId } from '../machine/rules.ts';
import { siteText } from '../machine/violation.ts';
import type { ContextState, Violation } from '../machine/violation.ts';
import type { Facts } from './rules/rule.ts';

/** Judged at the end, so there is no line of the program at which it was found. */
export function violationOf(rule: RuleId, facts: Facts): Violation {
  const { severity = 'bug', what, context, mapping, details = [] } = facts;
  return { rule, severity, what, context, mapping, details, foundAt: undefined };
}

/** Frames of a stack that a report shows. */
const MOST_FRAMES = 4;

/** An error that a program threw in a step. */
export function violationOfThrown(error: unknown, context: ContextState): Violation {
  const frames = error instanceof Error ? programFrames(error) : [];
  return {
    rule: 'exception',
    severity: 'bug',
    what: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    context,
    mapping: undefined,
    details:
      frames.length === 0
        ? []
        : [{ label: 'stack', text: frames.slice(0, MOST_FRAMES).map(frameText).join('\n') }],
    foundAt: frames[0],
  };
}

function frameText(frame: ProgramFrame): string {
  return frame.name === '' ? siteText(frame) : `${frame.name} at ${siteText(frame)}`;
}
