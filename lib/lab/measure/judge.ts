/**
 * Everything that is measured of a design and a job by running it.
 */
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { Candidate } from '../call-sites.ts';
import { CONSTANTS, readerOf, weigh } from '../experiment/constants.ts';
import type { JobId } from '../jobs.ts';
import { runJob } from '../run-job.ts';
import type { JobOutcome } from '../run-job.ts';
import { measureCrowd } from './crowd.ts';
import type { Crowd } from './crowd.ts';
import { searchDeadlock } from './deadlock.ts';
import type { DeadlockSearch } from './deadlock.ts';
import { failureEffects } from './failures.ts';
import type { FailureEffect } from './failures.ts';

/** What was measured. */
export interface Judgement {
  /** What came of one run without a failure. */
  readonly outcome: JobOutcome;
  /** What the machine did in that run, up to its end. */
  readonly counts: LedgerCounts;
  /** The same, weighed by the constants of the laboratory. */
  readonly cycles: number;
  /** What becomes of each failure. */
  readonly failures: readonly FailureEffect[];
  /** Two users of the smallest pools. */
  readonly deadlock: DeadlockSearch;
  /** Many users of the smallest pools; `undefined` for a job that must not sleep. */
  readonly crowd: Crowd | undefined;
}

/**
 * Measures a design in a job that it can do. Nothing is scored: each figure comes from a run.
 *
 * @linux none
 * @example
 * ```ts
 * const { outcome, cycles, failures, deadlock } = judgeJob(candidate, 'copyResponse');
 * console.log(outcome.kind, cycles, failures.length, deadlock.found);
 * ```
 */
export function judgeJob(candidate: Candidate, job: JobId): Judgement {
  const { outcome, ledger } = runJob(candidate, job);
  return {
    outcome,
    counts: ledger,
    cycles: weigh(ledger, readerOf(CONSTANTS).cycles),
    failures: failureEffects(candidate, job),
    deadlock: searchDeadlock(candidate, job),
    crowd: measureCrowd(candidate, job),
  };
}
