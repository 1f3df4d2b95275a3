/**
 * One cell of the table, told: each run behind it, and what came of it.
 */
import { hangingLines, wrapText } from '../../base/text-lines.ts';
import type { Paint } from '../../ports/report/text.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import { JOBS } from '../jobs.ts';
import { CROWD_USERS } from '../measure/crowd.ts';
import { SEARCH } from '../measure/deadlock.ts';
import type { Crowd } from '../measure/crowd.ts';
import type { Pools } from '../measure/least-pools.ts';
import { callCount } from './lab-cell.ts';
import type {
  DeadlockRecord,
  ErrorPathRecord,
  FailureRecord,
  LabCell,
  Measured,
  MistakeRecord,
} from './lab-cell.ts';

/** A part of what is told: a heading, a sentence or more, and code or a report as it is. */
export interface ToldPart {
  readonly heading: string;
  readonly texts: readonly string[];
  readonly code: readonly string[];
}

/** What is told of a cell, in parts. */
export function tellCell({ cannot, measured }: LabCell): readonly ToldPart[] {
  if (measured === undefined)
    return [{ heading: 'cannot', texts: [`The design cannot do this job: ${cannot ?? ''}.`], code: [] }];
  const { outcome, lines, calls, failures, errorPaths, mistakes, deadlock, crowd, cycles, counts } = measured;
  return [
    {
      heading: 'one run',
      texts: [`The call site ${outcome.what}.`, costText(cycles, counts)],
      code: outcome.report?.split('\n') ?? [],
    },
    { heading: 'call site', texts: [siteText(lines, calls)], code: [] },
    {
      heading: 'error paths',
      texts: errorPathTexts(errorPaths, failures),
      code: [],
    },
    { heading: 'failures', texts: failureTexts(failures), code: [] },
    ...mistakes.map(mistakePart),
    { heading: 'two users', texts: [deadlockText(deadlock)], code: deadlock.report?.split('\n') ?? [] },
    ...(crowd === undefined ? [] : [{ heading: 'many users', texts: [crowdText(crowd)], code: [] }]),
  ];
}

function costText(cycles: number, counts: LedgerCounts): string {
  const used = Object.entries(counts).filter(([, count]) => count > 0);
  return `It cost ${cycles.toFixed(0)} cycles by the cost model: ${used.map(([name, count]) => `${name} ${String(count)}`).join(', ')}.`;
}

function siteText(lines: number, calls: Measured['calls']): string {
  const names = Object.entries(calls).map(([name, count]) =>
    count > 1 ? `${name} ${String(count)} times` : name,
  );
  return `${plural(lines, 'line')}; ${plural(callCount({ calls }), 'call')} of the design in its text${names.length > 0 ? `: ${names.join(', ')}` : ''}.`;
}

function errorPathTexts(
  paths: readonly ErrorPathRecord[],
  failures: readonly FailureRecord[],
): readonly string[] {
  if (paths.length === 0)
    return [
      failures.length === 0
        ? 'No call can fail, so no branch is for failures.'
        : 'No branch is entered only if a call fails.',
    ];
  return paths.map(
    ({ line, text, failAt }) =>
      `Line ${String(line)}, ${text}: entered only if ${failAt.map((at) => callName(failures, at)).join(' or ')} fails.`,
  );
}

function callName(failures: readonly FailureRecord[], failAt: number): string {
  const call = failures.find((each) => each.failAt === failAt)?.call ?? 'a call';
  return `call ${String(failAt)} (${call})`;
}

function failureTexts(failures: readonly FailureRecord[]): readonly string[] {
  if (failures.length === 0) return ['Nothing was injected: the job makes no call that can fail.'];
  return failures.map(
    ({ call, failAt, effect, what }) =>
      `Call ${String(failAt)}, ${call}, fails: ${effect}. The call site ${what}.`,
  );
}

function mistakePart(record: MistakeRecord): ToldPart {
  const { mistake, title, cannot, diff, typescript, notice } = record;
  const heading = `mistake ${mistake}`;
  if (cannot !== undefined)
    return { heading, texts: [`The caller ${title}: this cannot be made, ${cannot}.`], code: [] };
  return {
    heading,
    texts: [
      `The caller ${title}. ${noticedText(record)}`,
      ...(typescript.verdict === 'not asked' ? [`TypeScript: ${typescript.why}.`] : []),
    ],
    code: [
      ...diff,
      ...(typescript.verdict === 'refuses' ? [`${typescript.code}: ${typescript.message}`] : []),
      ...(notice?.report?.split('\n') ?? []),
    ],
  };
}

const NOTICED: Readonly<Record<MistakeRecord['by'], string>> = {
  cannot: 'It cannot be made.',
  typescript: 'TypeScript refuses it.',
  facade: 'The design refuses it when it runs.',
  machine: 'The checked machine notices when it runs.',
  explorer: 'Only the explorer notices, in another order of two users.',
  nothing: 'Nothing notices it.',
  'no effect': 'It makes no difference in any run.',
  masked: 'It cannot be seen here, because the right call site is reported in the same way.',
};

function noticedText({ by, typescript, notice }: MistakeRecord): string {
  const first = typescript.verdict === 'not asked' && by === 'nothing' && notice === undefined;
  const at = notice === undefined ? '' : ` ${runText(notice.run)}: the call site ${notice.what}.`;
  if (first) return 'It cannot be run.';
  if (by !== 'typescript') return `${NOTICED[by]}${at}`;
  return notice === undefined
    ? `${NOTICED[by]} It cannot be run.`
    : `${NOTICED[by]} If it runs all the same: ${lowerFirst(NOTICED[notice.by])}${at}`;
}

function runText(run: NonNullable<MistakeRecord['notice']>['run']): string {
  if (run === 'plain') return 'In the plain run';
  if ('schedule' in run) return `In schedule ${run.schedule}`;
  return `When call ${String(run.failAt)}, ${run.call}, fails`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function deadlockText({ found, pools, schedules, rule, what, schedule }: DeadlockRecord): string {
  const tried = `${plural(schedules, 'schedule')}, each with at most ${plural(SEARCH.preemptions, 'preemption')}; the pools are the smallest for one user (${poolsText(pools)}).`;
  switch (found) {
    case 'none':
      return `They never wait for each other for ever, in any order: ${tried}`;
    case 'open':
      return `None was found to wait for ever, but not every order was tried: ${tried}`;
    case 'deadlock':
      return `They can wait for each other for ever: ${what ?? ''}. Schedule ${schedule ?? ''}, after ${tried}`;
    case 'other':
      return `Rule ${rule ?? ''} is broken before they can wait for each other: ${what ?? ''}. Schedule ${schedule ?? ''}, after ${tried}`;
  }
}

function crowdText({
  pools,
  done,
  refused,
  lost,
  waits,
  inVain,
  longestSteps,
  overtaken,
  stopped,
}: Crowd): string {
  const end = stopped === undefined ? '' : ` The run stopped: ${stopped}.`;
  return `Of ${String(CROWD_USERS)} users of pools of that size (${poolsText(pools)}), ${String(done)} are done, ${String(refused)} get an error, ${String(lost)} never end or have wrong bytes. There were ${plural(waits, 'wait')}, the longest of ${plural(longestSteps, 'step')}; ${plural(inVain, 'wake-up')} in vain; ${plural(overtaken, 'time')} one that came later went first.${end}`;
}

function poolsText({ pkmapSlots, vmallocPages, bounceSlots }: Pools): string {
  return `kmap ${String(pkmapSlots)}, vmalloc ${String(vmallocPages)}, bounce ${String(bounceSlots)}`;
}

function plural(count: number, unit: string): string {
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}

/** What is told of a cell, for a terminal of 80 columns. */
export function explainLabCell(cell: LabCell, { bold, dim }: Paint, width = 80): readonly string[] {
  const { title, about, follows } = JOBS[cell.job];
  return [
    bold(`${cell.facade}, ${JOBS[cell.job].name}: ${title}`),
    ...wrapText(about, width, 0),
    ...wrapText(`After ${follows}.`, width, 0).map(dim),
    ...tellCell(cell).flatMap(({ heading, texts, code }) => [
      '',
      bold(heading),
      ...texts.flatMap((text) => hangingLines('  ', text, width)),
      ...code.flatMap((text) => wrapText(text, width - 4, 2).map((part) => `    ${part}`)),
    ]),
  ];
}
