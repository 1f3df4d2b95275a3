/**
 * Measures one design in one job: by running it, and by the text of its call site.
 */
import {
  Edit,
  MISTAKES,
  edited,
  judgeJob,
  outcomeName,
  outcomeText,
  twoUsers,
  whoNotices,
} from 'scatterlist/lab';
import { formatViolation } from 'scatterlist';
import type { Violation } from 'scatterlist';
import { explain, formatReport, parseSchedule } from 'scatterlist/explore';
import type {
  Candidate,
  DeadlockRecord,
  JobId,
  JobOutcome,
  Judgement,
  LabCell,
  Measured,
  MistakeIn,
  MistakeRecord,
  OutcomeRecord,
} from 'scatterlist/lab';
import { inSource, placesInSource } from '../source-lines.ts';
import { UsageError, isUsersMistake } from '../usage-error.ts';
import { errorPaths, withCounters } from './branches.ts';
import type { Design } from './design.ts';
import { diffLines } from './diff-lines.ts';
import { importCandidate } from './load-text.ts';
import { callsIn, linesIn } from './site-source.ts';
import type { SiteSource } from './site-source.ts';

/** The width of reports. */
const WIDTH = 76;
const NOT_YET = { verdict: 'not asked', why: 'it is asked about all mistakes at once' } as const;

/** Measures a cell; `isTold` adds what two users did, step by step. What TypeScript says is not in it yet. */
export async function measureCell(design: Design, job: JobId, isTold: boolean): Promise<LabCell> {
  const { candidate, source } = design;
  const facade = candidate.facade.name;
  const cannot = candidate.cannot(job);
  if (cannot !== undefined) return { facade, job, cannot, measured: undefined };
  const site = source.site(job);
  const judged = judgeJob(candidate, job);
  const counted = await importCandidate(withCounters(source, site), source.file);
  const facts = plain(judged);
  const deadlock = isTold ? told(candidate, job, facts.deadlock) : facts.deadlock;
  const mistakes: MistakeRecord[] = [];
  for (const mistake of candidate.mistakes)
    if (mistake.job === job) mistakes.push(await measureMistake(design, site, mistake));
  return {
    facade,
    job,
    cannot,
    measured: {
      ...facts,
      deadlock,
      lines: linesIn(site.text),
      calls: callsIn(site),
      errorPaths: errorPaths(counted, source, site),
      mistakes,
    },
  };
}

function plain({
  outcome,
  failures,
  deadlock,
  crowd,
  cycles,
  counts,
}: Judgement): Pick<Measured, 'outcome' | 'failures' | 'deadlock' | 'crowd' | 'cycles' | 'counts'> {
  const { pools, found, outcome: explored } = deadlock;
  const broken = explored.kind === 'violation' ? explored : undefined;
  return {
    outcome: outcomeRecord(outcome),
    failures: failures.map(({ call, failAt, effect, outcome: each }) => ({
      call,
      failAt,
      effect,
      what: outcomeText(each),
    })),
    deadlock: {
      found,
      pools,
      schedules: explored.counts.schedules,
      rule: broken?.violation.rule,
      what: broken?.violation.what,
      schedule: broken?.schedule,
      report: undefined,
    },
    crowd,
    cycles,
    counts,
  };
}

/** Runs the schedule of two users once more, for its report. */
function told(candidate: Candidate, job: JobId, deadlock: DeadlockRecord): DeadlockRecord {
  if (deadlock.schedule === undefined) return deadlock;
  const program = twoUsers(candidate, job, deadlock.pools);
  const text = formatReport(explain(program, parseSchedule(deadlock.schedule)), { width: WIDTH });
  // The command that replays a file is of no use for a job.
  return { ...deadlock, report: text.replace(/\n\s*Replay: [^]*$/, '') };
}

function outcomeRecord(outcome: JobOutcome): OutcomeRecord {
  const violation = 'violation' in outcome ? outcome.violation : undefined;
  return { name: outcomeName(outcome), what: outcomeText(outcome), report: reportOf(violation) };
}

function reportOf(violation: Violation | undefined): string | undefined {
  return violation === undefined ? undefined : placesInSource(formatViolation(inSource(violation), WIDTH));
}

/** The text of the file with a mistake in it; `undefined` for one that cannot be made. */
export function wrongText({ source }: Design, site: SiteSource, { mistake, job, how }: MistakeIn): string {
  const wrong = how instanceof Edit ? edited(how, site.text) : undefined;
  if (wrong === undefined)
    throw new UsageError(
      `${source.file}: mistake ${mistake} in ${job} replaces a text that does not occur in the call site`,
    );
  return wrong;
}

async function measureMistake(design: Design, site: SiteSource, mistake: MistakeIn): Promise<MistakeRecord> {
  const { title } = MISTAKES[mistake.mistake];
  if (!(mistake.how instanceof Edit))
    return {
      mistake: mistake.mistake,
      title,
      cannot: mistake.how.reason,
      diff: [],
      typescript: { verdict: 'not asked', why: 'there is no wrong program' },
      notice: undefined,
      by: 'cannot',
    };
  const text = wrongText(design, site, mistake);
  const notice = await noticeOf(design, site, text);
  return {
    mistake: mistake.mistake,
    title,
    cannot: undefined,
    diff: diffLines(site.text, text),
    typescript: NOT_YET,
    notice,
    by: notice?.by ?? 'nothing',
  };
}

async function noticeOf(
  { candidate, source }: Design,
  site: SiteSource,
  text: string,
): Promise<MistakeRecord['notice']> {
  let wrong: Candidate;
  try {
    wrong = await importCandidate(source.withSite(site, text), source.file);
  } catch (error) {
    // A text that is not JavaScript: TypeScript says so, too.
    if (isUsersMistake(error) || (error instanceof Error && 'errors' in error)) return undefined;
    throw error;
  }
  const { violation, ...notice } = whoNotices(candidate, wrong, site.job);
  return { ...notice, what: placesInSource(notice.what), report: reportOf(violation) };
}
