/**
 * The measured table, in 80 columns: a line for each design, or for each job of one design.
 */
import { hangingLines } from '../../base/text-lines.ts';
import { distinct, fit, groupBy } from '../../ports/report/text.ts';
import type { Paint } from '../../ports/report/text.ts';
import { JOBS } from '../jobs.ts';
import { callCount } from './lab-cell.ts';
import type { LabCell, Measured, Who } from './lab-cell.ts';

const WIDTH = 80;

/** The figures of one line of the table. */
export interface Figures {
  /** Jobs that are done, of all. */
  readonly done: number;
  readonly jobs: number;
  readonly calls: number;
  readonly lines: number;
  readonly errorPaths: number;
  /** Mistakes, by who notices first. */
  readonly mistakes: Readonly<Record<Who, number>>;
  /** Mistakes of which TypeScript was not asked. */
  readonly notAsked: number;
  /** Failures that leave all as it was or are made good; that leave a part of the bytes; that are worse. */
  readonly clean: number;
  readonly half: number;
  readonly bad: number;
  readonly deadlocks: number;
  readonly waits: number;
  readonly overtaken: number;
  readonly cycles: number;
}

const NO_MISTAKES: Readonly<Record<Who, number>> = {
  cannot: 0,
  typescript: 0,
  facade: 0,
  machine: 0,
  explorer: 0,
  nothing: 0,
  'no effect': 0,
  masked: 0,
};

/** The sums of cells: of one, of all jobs of a design. */
export function figuresOf(cells: readonly LabCell[]): Figures {
  const all = cells.flatMap(({ measured }) => (measured === undefined ? [] : [measured]));
  const sum = (of: (measured: Measured) => number): number =>
    all.reduce((total, each) => total + of(each), 0);
  const mistakes = { ...NO_MISTAKES };
  for (const { mistakes: made } of all) for (const { by } of made) mistakes[by] += 1;
  const failures = all.flatMap((each) => each.failures.map(({ effect }) => effect));
  const count = (...effects: readonly (typeof failures)[number][]): number =>
    failures.filter((effect) => effects.includes(effect)).length;
  return {
    done: all.filter(({ outcome }) => outcome.name === 'done').length,
    jobs: cells.length,
    calls: sum(callCount),
    lines: sum(({ lines }) => lines),
    errorPaths: sum(({ errorPaths }) => errorPaths.length),
    mistakes,
    notAsked: sum(
      ({ mistakes: made }) =>
        made.filter(({ cannot, typescript }) => cannot === undefined && typescript.verdict === 'not asked')
          .length,
    ),
    clean: count('refused', 'retried', 'avoided'),
    half: count('half'),
    bad: count('leak', 'hung', 'broken', 'as without'),
    deadlocks: all.filter(({ deadlock }) => deadlock.found === 'deadlock').length,
    waits: sum(({ crowd }) => crowd?.waits ?? 0),
    overtaken: sum(({ crowd }) => crowd?.overtaken ?? 0),
    cycles: sum(({ cycles }) => cycles),
  };
}

interface Head {
  readonly title: string;
  readonly width: number;
  /** What stands above this column and the next ones. */
  readonly group?: string;
  readonly text: (figures: Figures) => string;
}

const DONE: Head = { title: 'job', width: 4, text: ({ done }) => String(done) };

const HEADS: readonly Head[] = [
  { title: 'call', width: 5, group: ' call site', text: ({ calls }) => String(calls) },
  { title: 'line', width: 5, text: ({ lines }) => String(lines) },
  { title: 'err', width: 4, text: ({ errorPaths }) => dash(errorPaths) },
  { title: 'no', width: 4, group: '  mistakes: who notices', text: ({ mistakes }) => dash(mistakes.cannot) },
  {
    title: 'tsc',
    width: 4,
    text: ({ mistakes, notAsked }) => (notAsked > 0 ? '?' : dash(mistakes.typescript)),
  },
  { title: 'api', width: 4, text: ({ mistakes }) => dash(mistakes.facade) },
  { title: 'run', width: 4, text: ({ mistakes }) => dash(mistakes.machine) },
  { title: 'ord', width: 4, text: ({ mistakes }) => dash(mistakes.explorer) },
  { title: 'nil', width: 4, text: ({ mistakes }) => dash(mistakes.nothing) },
  {
    title: 'n/a',
    width: 4,
    text: ({ mistakes }) => dash(mistakes['no effect'] + mistakes.masked),
  },
  {
    title: 'failed',
    width: 8,
    text: ({ clean, half, bad }) => `${String(clean)}/${String(half)}/${String(bad)}`,
  },
  { title: 'dead', width: 5, text: ({ deadlocks }) => dash(deadlocks) },
  { title: 'wait', width: 5, text: ({ waits }) => dash(waits) },
  { title: 'kcy', width: 4, text: ({ cycles }) => (cycles / 1000).toFixed(0) },
];

function dash(count: number): string {
  return count === 0 ? '-' : String(count);
}

/** What the columns mean. */
const LEGEND: readonly (readonly [name: string, text: string])[] = [
  ['job', 'of ten jobs, those that are done; the other figures are sums of all jobs'],
  [
    'call site',
    'calls of functions of the design in the text; its lines; err: branches that are entered only if a call fails',
  ],
  [
    'mistakes',
    'no: cannot be made. Else who notices first: tsc: TypeScript; api: an assertion of the design; run: the checked machine; ord: the explorer, in another order; nil: nothing does, and the job goes wrong; n/a: it makes no difference here, or the right call site is reported, too',
  ],
  ['failed', 'injected failures: clean or made good / a part of the bytes moved / worse'],
  ['dead', 'jobs in which two users of a small pool can come to wait for each other'],
  ['wait', 'how often eight users of a small pool waited for it'],
  ['kcy', 'thousands of cycles of one run of each job up to its end, by the cost model'],
];

/** The line of heads, and the one above it. */
function headLines(first: string, width: number, heads: readonly Head[]): readonly [string, string] {
  let above = '';
  let at = width;
  for (const { group, width: room } of heads) {
    if (group !== undefined) above = above.padEnd(at) + group;
    at += room;
  }
  return [above, first.padEnd(width) + heads.map(({ title, width: room }) => title.padStart(room)).join('')];
}

function line(name: string, width: number, heads: readonly Head[], figures: Figures): string {
  return fit(name, width) + heads.map(({ text, width: room }) => text(figures).padStart(room)).join('');
}

/** A loud line for each reason why TypeScript was not asked. */
function notAskedLines(cells: readonly LabCell[], { red }: Paint): readonly string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { facade, measured } of cells)
    for (const { cannot, typescript } of measured?.mistakes ?? [])
      if (cannot === undefined && typescript.verdict === 'not asked')
        reasons.set(typescript.why, (reasons.get(typescript.why) ?? new Set()).add(facade));
  const designs = distinct(cells.map(({ facade }) => facade)).length;
  return [...reasons].flatMap(([why, names]) =>
    hangingLines('?  ', names.size === designs ? why : `${[...names].join(', ')}: ${why}`, WIDTH).map(red),
  );
}

/** A line for each design, with the sums of its jobs. */
export function labTable(cells: readonly LabCell[], paint: Paint): readonly string[] {
  const heads = [DONE, ...HEADS];
  const width = WIDTH - heads.reduce((sum, head) => sum + head.width, 0);
  const [above, titles] = headLines('design', width, heads);
  return [
    ...notAskedLines(cells, paint),
    paint.dim(above),
    paint.bold(titles),
    ...[...groupBy(cells, ({ facade }) => facade)].map(([name, own]) =>
      line(name, width, heads, figuresOf(own)),
    ),
    '',
    ...LEGEND.flatMap(([name, text]) => hangingLines(name.padEnd(10), text, WIDTH)).map(paint.dim),
  ];
}

/** A line for each job of a design. */
export function designTable(cells: readonly LabCell[], paint: Paint): readonly string[] {
  const width = WIDTH - HEADS.reduce((sum, head) => sum + head.width, 0);
  const [above, titles] = headLines('job', width, HEADS);
  return [
    ...notAskedLines(cells, paint),
    paint.dim(above),
    paint.bold(titles),
    ...cells.flatMap((cell) => jobLines(cell, width, paint)),
  ];
}

function jobLines(cell: LabCell, width: number, { yellow, dim }: Paint): readonly string[] {
  const { name } = JOBS[cell.job];
  if (cell.measured === undefined)
    return hangingLines(name.padEnd(width), `cannot: ${cell.cannot ?? ''}`, WIDTH).map(dim);
  const row = line(name, width, HEADS, figuresOf([cell]));
  const { outcome } = cell.measured;
  return outcome.name === 'done' ? [row] : [row, ...hangingLines('  ', outcome.what, WIDTH).map(yellow)];
}
