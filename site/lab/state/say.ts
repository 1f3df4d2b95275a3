/**
 * The moment that is shown, as a sentence for screen readers.
 */
import type { ScheduleRun } from '../session/messages.ts';

/** Says where the reader is and what happened. */
export function sayMoment({ moments, columns, violation }: ScheduleRun, at: number): string {
  const moment = moments[at];
  if (moment === undefined) return '';
  const where = columns[moment.column];
  const parts = [
    `Moment ${String(at)} of ${String(moments.length - 1)}`,
    ...(where === undefined ? [] : [where]),
    moment.text,
    ...(moment.line === undefined ? [] : [`line ${String(moment.line)}`]),
    ...(violation?.moment === at ? [`the rule ${violation.rule} is broken`] : []),
  ];
  return `${parts.join(', ')}.`;
}
