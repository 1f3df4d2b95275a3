/**
 * Who notices a mistake in a call site when it runs.
 */
import { explore } from '../../explore/explore.ts';
import { preemptionBound } from '../../explore/strategies/preemption-bound.ts';
import type { Found } from '../../explore/outcome.ts';
import type { MachineOptions } from '../../machine/config.ts';
import type { Violation } from '../../machine/violation.ts';
import type { Candidate } from '../call-sites.ts';
import { jobProgram } from '../job-program.ts';
import type { JobProgram } from '../job-program.ts';
import type { JobId } from '../jobs.ts';
import { failEach, runJob } from '../run-job.ts';
import type { JobOutcome } from '../run-job.ts';
import { leastPools } from './least-pools.ts';
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
  | 'nothing'
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
  /** What the machine or the explorer reported, if it did. */
  readonly violation: Violation | undefined;
}

/** How the explorer looks for what other runs do not show. */
export const LOOK = { users: 2, preemptions: 1, schedules: 150 } as const;

/**
 * The program that is explored to see whether a mistake is noticed in another order. The pools are the smallest with which
 * the call site without the mistake works, unless two users of them come to grief without any mistake.
 *
 * @linux none
 */
export function lookProgram(right: Candidate, candidate: Candidate, job: JobId): JobProgram {
  return withPools(candidate, job, poolsFor(right, job));
}

function withPools(candidate: Candidate, job: JobId, pools: MachineOptions): JobProgram {
  const machine = { ...pools, callSites: false };
  return jobProgram(candidate, job, { users: LOOK.users, preemptible: true, machine });
}

const known = new WeakMap<Candidate, Map<JobId, MachineOptions>>();

/** The pools for a job of a design; each mistake in it asks again. */
function poolsFor(right: Candidate, job: JobId): MachineOptions {
  const of = known.get(right) ?? new Map<JobId, MachineOptions>();
  known.set(right, of);
  const least = of.get(job) ?? leastPools(right, job);
  const pools = of.has(job) || look(withPools(right, job, least)) === undefined ? least : {};
  of.set(job, pools);
  return pools;
}

function look(program: JobProgram): Found | undefined {
  const outcome = explore(program, preemptionBound(LOOK.preemptions), {
    budget: { schedules: LOOK.schedules },
    shrink: false,
  });
  return outcome.kind === 'violation' ? outcome : undefined;
}

/**
 * Runs a call site with a mistake: once as it is, once for each call that can fail, and in every order with at most one
 * preemption beside a second user. Says who notices first, and whether the call site without the mistake ends in the same
 * way.
 *
 * @linux none
 */
export function whoNotices(right: Candidate, wrong: Candidate, job: JobId): Notice {
  const usual = new Set([outcomeName(runJob(right, job).outcome)]);
  const plain = runJob(wrong, job).outcome;
  const first = noticeOf(plain, 'plain', usual) ?? errorOf(plain, usual);
  if (first !== undefined) return first;
  for (const { outcome } of failEach(right, job)) usual.add(outcomeName(outcome));
  for (const { outcome, call, failAt } of failEach(wrong, job)) {
    const notice = noticeOf(outcome, { call, failAt }, usual);
    if (notice !== undefined) return notice;
  }
  return exploredNotice(right, wrong, job) ?? lastNotice(plain);
}

/** What an outcome shows that no run without the mistake does. */
function noticeOf(outcome: JobOutcome, run: Notice['run'], usual: ReadonlySet<string>): Notice | undefined {
  if (usual.has(outcomeName(outcome))) return undefined;
  const by = NOTICERS[outcome.kind];
  if (by === undefined) return undefined;
  return { by, run, what: outcomeText(outcome), violation: violationOf(outcome) };
}

/** An error that is returned although no call has failed. */
function errorOf(plain: JobOutcome, usual: ReadonlySet<string>): Notice | undefined {
  if ((plain.kind !== 'refused' && plain.kind !== 'half') || usual.has(outcomeName(plain))) return undefined;
  return { by: 'nothing', run: 'plain', what: outcomeText(plain), violation: undefined };
}

function violationOf(outcome: JobOutcome): Violation | undefined {
  return 'violation' in outcome ? outcome.violation : undefined;
}

const NOTICERS: Readonly<Record<JobOutcome['kind'], Noticer | undefined>> = {
  done: undefined,
  refused: undefined,
  half: undefined,
  wrong: 'nothing',
  leak: 'machine',
  hung: 'machine',
  violation: 'machine',
  asserted: 'facade',
  crashed: 'machine',
};

function exploredNotice(right: Candidate, wrong: Candidate, job: JobId): Notice | undefined {
  const found = look(lookProgram(right, wrong, job));
  if (found === undefined) return undefined;
  const { violation, schedule } = found;
  if (look(lookProgram(right, right, job))?.violation.rule === violation.rule) return undefined;
  const what = `breaks rule ${violation.rule}: ${violation.what}`;
  return { by: 'explorer', run: { schedule }, what, violation };
}

function lastNotice(plain: JobOutcome): Notice {
  const by = plain.kind === 'done' ? 'no effect' : 'masked';
  return { by, run: 'plain', what: outcomeText(plain), violation: violationOf(plain) };
}
