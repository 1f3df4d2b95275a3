/**
 * What was measured of one design in one job, as plain values: for tables, pages and programs.
 */
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { JobId } from '../jobs.ts';
import type { Crowd } from '../measure/crowd.ts';
import type { DeadlockSearch } from '../measure/deadlock.ts';
import type { Effect } from '../measure/failures.ts';
import type { Notice, Noticer } from '../measure/notice.ts';
import type { MistakeId } from '../mistakes.ts';

/** An outcome in words. */
export interface OutcomeRecord {
  /** `done`, `refused -12`, `violation unmap-address`. */
  readonly name: string;
  readonly what: string;
  /** The report of the machine, if it has one. */
  readonly report: string | undefined;
}

/** A run in which one call failed. */
export interface FailureRecord {
  readonly call: string;
  readonly failAt: number;
  readonly effect: Effect;
  readonly what: string;
}

/** A branch of the call site that only failures lead to. */
export interface ErrorPathRecord {
  readonly line: number;
  readonly text: string;
  readonly failAt: readonly number[];
}

/** What TypeScript says of a call site with a mistake. */
export type TypeScriptVerdict =
  | { readonly verdict: 'refuses'; readonly code: string; readonly message: string }
  | { readonly verdict: 'accepts' }
  /** It is not installed, or the call site without the mistake does not compile. */
  | { readonly verdict: 'not asked'; readonly why: string };

/** Who notices a mistake first, or why it cannot be made. */
export type Who = 'cannot' | 'typescript' | Noticer;

/** A mistake in this job. */
export interface MistakeRecord {
  readonly mistake: MistakeId;
  readonly title: string;
  /** Why it cannot be made. */
  readonly cannot: string | undefined;
  /** The lines that it takes away, with `-`, and those that it puts there, with `+`. */
  readonly diff: readonly string[];
  readonly typescript: TypeScriptVerdict;
  /** Who notices when it runs all the same; `undefined` if it cannot run. */
  readonly notice: (Omit<Notice, 'violation'> & { readonly report: string | undefined }) | undefined;
  readonly by: Who;
}

/** Two users under the explorer. */
export interface DeadlockRecord extends Pick<DeadlockSearch, 'found' | 'pools'> {
  readonly schedules: number;
  readonly rule: string | undefined;
  readonly what: string | undefined;
  /** The schedule that shows it. */
  readonly schedule: string | undefined;
  /** What happened in it, step by step, if that was asked for. */
  readonly report: string | undefined;
}

/** What was measured of a job that the design can do. */
export interface Measured {
  readonly outcome: OutcomeRecord;
  readonly lines: number;
  /** How often each function of the design is called in the text. */
  readonly calls: Readonly<Record<string, number>>;
  readonly failures: readonly FailureRecord[];
  readonly errorPaths: readonly ErrorPathRecord[];
  readonly mistakes: readonly MistakeRecord[];
  readonly deadlock: DeadlockRecord;
  readonly crowd: Crowd | undefined;
  readonly cycles: number;
  readonly counts: LedgerCounts;
}

/** One design in one job. */
export interface LabCell {
  readonly facade: string;
  readonly job: JobId;
  /** Why the design cannot do the job; then nothing is measured, except that mistakes cannot be made. */
  readonly cannot: string | undefined;
  readonly measured: Measured | undefined;
}

/** The number of calls in the text. */
export function callCount({ calls }: Pick<Measured, 'calls'>): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

/** Who notices first: TypeScript before anything runs. */
export function firstOf({
  cannot,
  typescript,
  notice,
}: Pick<MistakeRecord, 'cannot' | 'typescript' | 'notice'>): Who {
  if (cannot !== undefined) return 'cannot';
  if (typescript.verdict === 'refuses') return 'typescript';
  return notice?.by ?? 'nothing';
}
