/**
 * The pages of the laboratory: docs/lab-table.md, and one page for each design, which tells the runs behind its cells.
 */
import { JOBS, JOB_IDS } from '../lib/lab/jobs.ts';
import type { JobId } from '../lib/lab/jobs.ts';
import { MISTAKES } from '../lib/lab/mistakes.ts';
import { callCount } from '../lib/lab/report/lab-cell.ts';
import type { LabCell, MistakeRecord, Who } from '../lib/lab/report/lab-cell.ts';
import { figuresOf } from '../lib/lab/report/table.ts';
import { tellCell } from '../lib/lab/report/why.ts';

/** A design, with what was measured of it and the text of its call sites. */
export interface DesignPage {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly simplifies: string;
  readonly cells: readonly LabCell[];
  readonly siteOf: (job: JobId) => string | undefined;
}

const WHO: Readonly<Record<Who, string>> = {
  cannot: 'cannot be made',
  typescript: 'TypeScript',
  facade: 'the design',
  machine: 'the machine',
  explorer: 'the explorer',
  nothing: '**nothing**',
  'no effect': 'no effect',
  masked: 'masked',
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-');
const mistakeHeading = ({ mistake }: Pick<MistakeRecord, 'mistake'>, job: JobId): string =>
  `${mistake} in ${JOBS[job].name}`;
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(heads),
  row(heads.map(() => '---')),
  ...rows.map(row),
];

/** The page with the tables; every cell leads to the section that tells its runs. */
export function tablePage(designs: readonly DesignPage[], version: string): string {
  return [
    '# The table of the laboratory',
    '',
    `${String(designs.length)} designs of mapping APIs do the same ${String(JOB_IDS.length)} jobs on one simulated machine. Every figure comes from runs, and`,
    'the same runs give the same figures; nothing is scored by hand. Each cell leads to the runs behind it. This page and those',
    `of the designs are made by \`npm run docs:lab\`, with TypeScript ${version}. [lab.md](lab.md) says how to add a design of your own.`,
    '',
    '## Designs',
    '',
    ...table(
      [
        'design',
        'jobs',
        'calls',
        'lines',
        'error paths',
        'failures: clean',
        'part moved',
        'worse',
        'deadlocks',
        'waits',
        'overtaken',
        'cycles',
      ],
      designs.map(({ name, title, cells }) => {
        const figures = figuresOf(cells);
        const { done, calls, lines, errorPaths, clean, half, bad, deadlocks, waits, overtaken, cycles } =
          figures;
        return [
          `[${name}](lab/${name}.md) ${title}`,
          ...[done, calls, lines, errorPaths, clean, half, bad, deadlocks, waits, overtaken].map(String),
          cycles.toFixed(0),
        ];
      }),
    ),
    '',
    'Sums of the ten jobs. *jobs*: those that are done. *calls*: of functions of the design, in the text of the call sites.',
    '*error paths*: branches that are entered only if a call fails. *failures*: each call that can fail is made to, once; it is',
    '*clean* if all is left as it was or the failure is made good. *deadlocks*: jobs in which two users of the smallest pools can',
    'come to wait for each other. *waits*: of eight users of such pools; *overtaken*: waits in which one that came later went',
    'first. *cycles*: of one run of each job, up to its end, by the cost model.',
    '',
    '## Jobs',
    '',
    ...table(
      ['design', ...JOB_IDS.map((job) => JOBS[job].name)],
      designs.map(({ name, cells }) => [
        `[${name}](lab/${name}.md)`,
        ...cells.map((cell) => `[${jobText(cell)}](lab/${name}.md#${JOBS[cell.job].name})`),
      ]),
    ),
    '',
    '✓ done, ✗ not done, – the design cannot do it; then lines, calls and error paths of the call site; D: two users can deadlock.',
    '',
    '## Mistakes',
    '',
    ...table(['mistake', 'job', ...designs.map(({ name }) => name)], mistakeRows(designs)),
    '',
    ...Object.entries(MISTAKES).map(([mistake, { title }]) => `- *${mistake}*: the caller ${title}.`),
    '',
    'Each cell says who notices the mistake first: TypeScript, an assertion of the design, the checked machine, or the explorer,',
    'which tries other orders. *nothing*: no check says why the job goes wrong. *no effect*: no run ends in another way.',
    '*masked*: the call site is reported in the same way without the mistake.',
    '',
  ].join('\n');
}

function jobText({ cannot, measured }: LabCell): string {
  if (measured === undefined) return cannot === undefined ? '?' : '–';
  const mark = measured.outcome.name === 'done' ? '✓' : '✗';
  const { lines, errorPaths, deadlock } = measured;
  const dead = deadlock.found === 'deadlock' ? ' D' : '';
  return `${mark} ${String(lines)} ${String(callCount(measured))} ${String(errorPaths.length)}${dead}`;
}

function mistakeRows(designs: readonly DesignPage[]): readonly (readonly string[])[] {
  return Object.entries(MISTAKES).flatMap(([mistake, { jobs }]) =>
    jobs.map((job) => [
      mistake,
      JOBS[job].name,
      ...designs.map(({ name, cells }) => {
        const cell = cells.find((each) => each.job === job);
        const record = cell?.measured?.mistakes.find((each) => each.mistake === mistake);
        if (record === undefined) return `[–](lab/${name}.md#${JOBS[job].name})`;
        return `[${WHO[record.by]}](lab/${name}.md#${anchorOf(mistakeHeading(record, job))})`;
      }),
    ]),
  );
}

/** The page of a design. */
export function designPage(design: DesignPage): string {
  const { name, title, source, simplifies, cells } = design;
  return [
    `# ${name}: ${title}`,
    '',
    `Source: ${source}. ${simplifies}`,
    '',
    `Its call sites and mistakes are in examples/lab/${name}.ts, its functions in lib/lab/facades/${name}.ts.`,
    'Back to [the table](../lab-table.md).',
    '',
    ...cells.flatMap((cell) => [...cellSection(cell, design), '']),
  ].join('\n');
}

/** What is told of one cell: its call site, and each run. */
export function cellSection(cell: LabCell, { name, siteOf }: DesignPage): readonly string[] {
  const { job, measured } = cell;
  const site = siteOf(job);
  const mistakes = measured?.mistakes ?? [];
  let at = 0;
  return [
    `## ${JOBS[job].name}`,
    '',
    `${capital(JOBS[job].title)}. ${JOBS[job].about} To run it: \`scatterlist lab --why ${name} ${JOBS[job].name}\`.`,
    ...(site === undefined ? [] : ['', ...fenced('typescript', site.split('\n'))]),
    ...tellCell(cell).flatMap(({ heading, texts, code }) => {
      const mistake = heading.startsWith('mistake ') ? mistakes[at++] : undefined;
      return [
        '',
        ...(mistake === undefined ? [`**${heading}**`, ''] : [`### ${mistakeHeading(mistake, job)}`, '']),
        ...(texts.length > 1 ? texts.map((text) => `- ${text}`) : texts),
        ...(code.length === 0 ? [] : ['', ...fenced(mistake === undefined ? '' : 'diff', code)]),
      ];
    }),
  ];
}

function fenced(language: string, lines: readonly string[]): readonly string[] {
  return [`\`\`\`${language}`, ...lines.map((line) => line.trimEnd()), '```'];
}
