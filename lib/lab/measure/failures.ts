/**
 * What becomes of a job when one of its calls fails.
 */
import type { Candidate } from '../call-sites.ts';
import type { JobId } from '../jobs.ts';
import type { JobOptions } from '../job-program.ts';
import { failEach, runJob } from '../run-job.ts';
import type { FailedRun, JobReport } from '../run-job.ts';

/** What becomes of a job after a failure. */
export type Effect =
  /** The call site returned an error, and left all as it was. */
  | 'refused'
  /** The call site returned an error when a part of the bytes had moved. */
  | 'half'
  /** The job was done: the same call was made again. */
  | 'retried'
  /** The job was done in another way. */
  | 'avoided'
  /** Something was not given back. */
  | 'leak'
  /** It waits for ever. */
  | 'hung'
  /** A rule was broken, an assertion met, or bytes are wrong, and not so without the failure. */
  | 'broken'
  /** The same is wrong without a failure. */
  | 'as without';

/** The effects, from the best to the worst. */
export const EFFECTS: readonly Effect[] = [
  'refused',
  'retried',
  'avoided',
  'half',
  'leak',
  'hung',
  'broken',
  'as without',
];

/** A run in which one call failed, and what became of it. */
export interface FailureEffect extends FailedRun {
  readonly effect: Effect;
}

/**
 * Lets each call of a job that can fail do so in turn, and says what becomes of the job.
 *
 * @linux none; in the manner of failslab
 */
export function failureEffects(
  candidate: Candidate,
  job: JobId,
  options: JobOptions = {},
): readonly FailureEffect[] {
  const plain = runJob(candidate, job, options);
  return failEach(candidate, job, options).map((run) => ({ ...run, effect: effectOf(run, plain) }));
}

function effectOf(run: FailedRun, plain: JobReport): Effect {
  const { outcome, asked, call, failAt } = run;
  switch (outcome.kind) {
    case 'refused':
    case 'half':
      return outcome.errno === errnoOf(plain) ? 'as without' : outcome.kind;
    case 'done':
      return asked[failAt + 1] === call && asked.length > plain.asked.length ? 'retried' : 'avoided';
    default:
      if (outcome.kind === plain.outcome.kind && ruleOf(run) === ruleOf(plain)) return 'as without';
      return outcome.kind === 'leak' || outcome.kind === 'hung' ? outcome.kind : 'broken';
  }
}

function errnoOf({ outcome }: JobReport): number | undefined {
  return outcome.kind === 'refused' || outcome.kind === 'half' ? outcome.errno : undefined;
}

function ruleOf({ outcome }: JobReport): string | undefined {
  return outcome.kind === 'violation' || outcome.kind === 'hung' ? outcome.violation.rule : undefined;
}
