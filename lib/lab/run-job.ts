/**
 * One run of a job with a design, and what came of it.
 */
import { createMachine } from '../kernel/core/create-machine.ts';
import type { Machine } from '../kernel/core/machine.ts';
import type { LedgerCounts } from '../machine/ledger.ts';
import { ViolationError } from '../machine/violation.ts';
import type { Violation } from '../machine/violation.ts';
import { runProgram } from '../ports/run-program.ts';
import type { Candidate } from './call-sites.ts';
import { FacadeError, failCall } from './define-facade.ts';
import { jobProgram, machineOf, notGivenBack } from './job-program.ts';
import type { JobOptions, JobProgram, Shared } from './job-program.ts';
import type { JobId } from './jobs.ts';

/** What came of a run. */
export type JobOutcome =
  /** Every byte is right, and all that was taken is given back. */
  | { readonly kind: 'done' }
  /** The call site returned an error, and left all as it was. */
  | { readonly kind: 'refused'; readonly errno: number }
  /** The call site returned an error when a part of the bytes had moved. */
  | { readonly kind: 'half'; readonly errno: number }
  /** The call site returned success, and bytes are wrong. */
  | { readonly kind: 'wrong'; readonly what: string }
  /** Something was not given back. */
  | { readonly kind: 'leak'; readonly what: string }
  /** It waits for ever. */
  | { readonly kind: 'hung'; readonly violation: Violation }
  /** The machine reported a broken rule. */
  | { readonly kind: 'violation'; readonly violation: Violation }
  /** An assertion of the design refused. */
  | { readonly kind: 'asserted'; readonly what: string }
  /** The call site threw. */
  | { readonly kind: 'crashed'; readonly what: string };

/** A run that is over. */
export interface JobReport {
  readonly outcome: JobOutcome;
  readonly ledger: LedgerCounts;
  /** The calls that could have failed, in order. */
  readonly asked: readonly string[];
  /** The machine on which it ran. */
  readonly machine: Machine;
}

/**
 * Runs a job once with a design, on a machine of its own. With `failAt`, the call of that number fails.
 *
 * @linux none
 * @example
 * ```ts
 * const { outcome, ledger } = runJob(candidate, 'copyResponse');
 * console.log(outcome.kind, ledger.pteWrites);
 * ```
 */
export function runJob(
  candidate: Candidate,
  job: JobId,
  { failAt, ...options }: JobOptions & { readonly failAt?: number } = {},
): JobReport {
  const faults = failAt === undefined ? { failAt: -1, asked: [] } : failCall(failAt);
  const machine = createMachine(machineOf(job, options, candidate.facade.machine));
  const program = jobProgram(candidate, job, { ...options, faults });
  const outcome = attempt(program, machine);
  return { outcome, ledger: machine.ledger, asked: faults.asked, machine };
}

function attempt(program: JobProgram, machine: Machine): JobOutcome {
  const shared = program.setup(machine);
  try {
    runProgram({ ...program, setup: () => shared }, machine);
    return judge(shared, machine);
  } catch (error) {
    return thrown(error);
  }
}

function judge({ session, returned }: Shared, machine: Machine): JobOutcome {
  const kept = notGivenBack(session, machine);
  if (kept !== undefined) return { kind: 'leak', what: kept };
  for (const [i, run] of session.runs.entries()) {
    const errno = returned[i];
    if (errno === undefined) return { kind: 'crashed', what: 'the call site returned no number' };
    if (errno < 0) return { kind: run.changed() ? 'half' : 'refused', errno };
    const what = run.wrong();
    if (what !== undefined) return { kind: 'wrong', what };
  }
  return { kind: 'done' };
}

function thrown(error: unknown): JobOutcome {
  if (error instanceof FacadeError) return { kind: 'asserted', what: error.message };
  if (!(error instanceof ViolationError))
    return {
      kind: 'crashed',
      what: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  const { violation } = error;
  if (violation.rule === 'deadlock') return { kind: 'hung', violation };
  return violation.rule === 'leak'
    ? { kind: 'leak', what: violation.what }
    : { kind: 'violation', violation };
}

/**
 * Runs a job once for each of its calls that can fail, with that call failing. Calls that are made only after a failure
 * are not failed in turn.
 *
 * @linux none
 */
export function failEach(candidate: Candidate, job: JobId, options: JobOptions = {}): readonly FailedRun[] {
  const { asked } = runJob(candidate, job, options);
  return asked.map((call, failAt) => ({ call, failAt, ...runJob(candidate, job, { ...options, failAt }) }));
}

/** A run in which one call failed. */
export interface FailedRun extends JobReport {
  /** The call that failed. */
  readonly call: string;
  readonly failAt: number;
}
