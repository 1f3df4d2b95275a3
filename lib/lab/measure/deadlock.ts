/**
 * Whether two users of small pools can come to wait for each other.
 */
import { explore } from '../../explore/explore.ts';
import type { Outcome } from '../../explore/outcome.ts';
import { preemptionBound } from '../../explore/strategies/preemption-bound.ts';
import type { Candidate } from '../call-sites.ts';
import type { JobId } from '../jobs.ts';
import { jobProgram } from '../job-program.ts';
import type { JobProgram } from '../job-program.ts';
import { leastPools } from './least-pools.ts';
import type { Pools } from './least-pools.ts';

/** How the explorer looks: with so many preemptions, and so many schedules. */
export const SEARCH = { users: 2, preemptions: 1, schedules: 300 } as const;

/** What came of two users. */
export interface DeadlockSearch {
  readonly pools: Pools;
  readonly outcome: Outcome;
  /** `none`: all orders were tried. `open`: the budget ended first. `other`: another rule was broken before. */
  readonly found: 'none' | 'open' | 'deadlock' | 'other';
}

/**
 * The program of two users that do the same job beside each other, with pools of these sizes.
 *
 * @linux none
 */
export function twoUsers(candidate: Candidate, job: JobId, pools: Pools): JobProgram {
  // Where a map was made is told when a schedule is run again.
  const machine = { ...pools, callSites: false };
  return jobProgram(candidate, job, { users: SEARCH.users, preemptible: true, machine });
}

/**
 * Explores two users of the smallest pools with which one of them can do the job: every order with at most one
 * preemption, up to 300 schedules.
 *
 * @linux none
 */
export function searchDeadlock(candidate: Candidate, job: JobId): DeadlockSearch {
  const pools = leastPools(candidate, job);
  const outcome = explore(twoUsers(candidate, job, pools), preemptionBound(SEARCH.preemptions), {
    budget: { schedules: SEARCH.schedules },
    shrink: false,
  });
  return { pools, outcome, found: foundIn(outcome) };
}

function foundIn(outcome: Outcome): DeadlockSearch['found'] {
  if (outcome.kind === 'exhausted') return 'none';
  if (outcome.kind !== 'violation') return 'open';
  return outcome.violation.rule === 'deadlock' ? 'deadlock' : 'other';
}
