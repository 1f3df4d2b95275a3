/**
 * Who notices a mistake in a call site when it runs.
 */
import { explore } from '../../explore/explore.ts';
import { preemptionBound } from '../../explore/strategies/preemption-bound.ts';
import type { Candidate } from '../call-sites.ts';
import { jobProgram } from '../job-program.ts';
import type { JobProgram } from '../job-program.ts';
import type { JobId } from '../jobs.ts';
import { failEach, runJob } from '../run-job.ts';
import type { JobOutcome } from '../run-job.ts';
import { outcomeName, outcomeText } from './outcome-text.ts';

/** Who notices. */
export type Noticer =
  /** An assertion of the design. */
  | 'facade'
  /** The checked machine, in the order in which the users come one after the other. */
  | 'machine'
  /** The explorer, in another order. */
  | 'explorer'
  /** The job is not done, and no check says why: bytes are wrong, or an error is returned. */
  | 'nobody'
  /** No run ends in another way than without the mistake. */
  | 'no effect'
  /** The call site without the mistake is reported in the same way. */
  | 'masked';

/** Who notices a mistake, in which run, and what is said. */
export interface Notice {
  readonly by: Noticer;
  /** The run: the plain one, that with this call failing, or that of this schedule. */
  readonly run: 'plain' | { readonly call: string; readonly failAt: number } | { readonly schedule: string };
  readonly what: string;
}

/** How the explorer looks for what other runs do not show. */
export const LOOK = { users: 2, preemptions: 1, schedules: 150 } as const;

/**
 * The program that is explored to see whether a mistake is noticed in another order.
 *
 * @linux none
 */
export function lookProgram(candidate: Candidate, job: JobId): JobProgram {
  return jobProgram(candidate, job, {
    users: LOOK.users,
    preemptible: true,
    machine: { callSites: false },
  });
}

/**
 * Runs a call site with a mistake: once as it is, once for each call that can fail, and in every order with at most one
 * preemption beside a second user. Says who notices first, and whether the call site without the mistake ends in the same
 * way.
 *
 * @linux none
 */
export function whoNotices(right: Candidate, wrong: Candidate, job: JobId): Notice {
  const known = new Set([outcomeName(runJob(right, job).outcome)]);
  const plain = runJob(wrong, job).outcome;
  const first = noticeOf(plain, 'plain', known) ?? errorOf(plain, known);
  if (first !== undefined) return first;
  for (const { outcome } of failEach(right, job)) known.add(outcomeName(outcome));
  for (const { outcome, call, failAt } of failEach(wrong, job)) {
    const notice = noticeOf(outcome, { call, failAt }, known);
    if (notice !== undefined) return notice;
  }
  return exploredNotice(right, wrong, job) ?? lastNotice(plain);
}

/** What an outcome shows that no run without the mistake does. */
function noticeOf(outcome: JobOutcome, run: Notice['run'], known: ReadonlySet<string>): Notice | undefined {
  if (known.has(outcomeName(outcome))) return undefined;
  const by = NOTICERS[outcome.kind];
  return by === undefined ? undefined : { by, run, what: outcomeText(outcome) };
}

/** An error that is returned although no call has failed. */
function errorOf(plain: JobOutcome, known: ReadonlySet<string>): Notice | undefined {
  if ((plain.kind !== 'refused' && plain.kind !== 'half') || known.has(outcomeName(plain))) return undefined;
  return { by: 'nobody', run: 'plain', what: outcomeText(plain) };
}

const NOTICERS: Readonly<Record<JobOutcome['kind'], Noticer | undefined>> = {
  done: undefined,
  refused: undefined,
  half: undefined,
  wrong: 'nobody',
  leak: 'machine',
  hung: 'machine',
  violation: 'machine',
  asserted: 'facade',
  crashed: 'machine',
};

function exploredNotice(right: Candidate, wrong: Candidate, job: JobId): Notice | undefined {
  const found = ruleFound(wrong, job);
  if (found === undefined || found.rule === ruleFound(right, job)?.rule) return undefined;
  const { rule, what, schedule } = found;
  return { by: 'explorer', run: { schedule }, what: `breaks rule ${rule}: ${what}` };
}

function ruleFound(
  candidate: Candidate,
  job: JobId,
): { readonly rule: string; readonly what: string; readonly schedule: string } | undefined {
  const outcome = explore(lookProgram(candidate, job), preemptionBound(LOOK.preemptions), {
    budget: { schedules: LOOK.schedules },
    shrink: false,
  });
  if (outcome.kind !== 'violation') return undefined;
  const { violation, schedule } = outcome;
  return { rule: violation.rule, what: violation.what, schedule };
}

function lastNotice(plain: JobOutcome): Notice {
  const by = plain.kind === 'done' ? 'no effect' : 'masked';
  return { by, run: 'plain', what: outcomeText(plain) };
}
