/**
 * The outcome of a run in words.
 */
import type { JobOutcome } from '../run-job.ts';

/**
 * An outcome in a few words: `done`, `refused -12`, `violation unmap-address`.
 *
 * @linux none
 */
export function outcomeName(outcome: JobOutcome): string {
  switch (outcome.kind) {
    case 'refused':
    case 'half':
      return `${outcome.kind} ${String(outcome.errno)}`;
    case 'violation':
    case 'hung':
      return `${outcome.kind} ${outcome.violation.rule}`;
    default:
      return outcome.kind;
  }
}

/**
 * An outcome in a sentence, with what was found.
 *
 * @linux none
 */
export function outcomeText(outcome: JobOutcome): string {
  switch (outcome.kind) {
    case 'done':
      return 'does the job: every byte is right, and all that was taken is given back';
    case 'refused':
      return `returns ${String(outcome.errno)} and leaves all as it was`;
    case 'half':
      return `returns ${String(outcome.errno)} when a part of the bytes has moved`;
    case 'wrong':
      return `returns success, and ${outcome.what}`;
    case 'leak':
      return `leaks: ${outcome.what}`;
    case 'hung':
      return `waits for ever: ${outcome.violation.what}`;
    case 'violation':
      return `breaks rule ${outcome.violation.rule}: ${outcome.violation.what}`;
    case 'asserted':
      return `stops at an assertion of the design: ${outcome.what}`;
    case 'crashed':
      return `throws ${outcome.what}`;
  }
}
