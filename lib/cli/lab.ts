/**
 * `scatterlist lab`: designs of mapping APIs on the same ten jobs, measured by running them.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { JOBS, JOB_IDS, designTable, explainLabCell, figuresOf, labTable } from 'scatterlist/lab';
import type { JobId, LabCell } from 'scatterlist/lab';
import { wrapText } from '../base/text-lines.ts';
import { checkWritable, writeText } from './files.ts';
import { runLab } from './lab/run.ts';
import type { LabResult } from './lab/run.ts';
import { tellProgress } from './matrix/progress.ts';
import { numberOf, refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist lab --help` prints. */
export const LAB_HELP = `scatterlist lab: designs of mapping APIs on the same ten jobs, measured by running them

  scatterlist lab              a line for each design: what a caller writes, who notices mistakes,
                               what failures do, deadlocks, cost
  scatterlist lab DESIGN       a line for each job of a design
  --why DESIGN JOB      tell a cell: each run, each failing call, each mistake and who noticed it
  --facade FILE         add your own design: its default export is defineCallSites(…); may be repeated
  --all                 a line for each job of each design
  --json FILE           write everything that was measured, for a program
  --workers N           measure in N threads (default: one for each core)

Nothing is scored by hand: each figure comes from runs, and the same runs give the same figures. The
column of TypeScript needs the package typescript; without it, it is "?". Lines of your own design
compare with the others if the package prettier is installed, or if your file is formatted like them.

Exit code 0: everything ran, whatever the figures. 2: wrong usage, or a design that is of no use.
70: a bug in scatterlist itself.
`;

interface Choice {
  readonly design: string | undefined;
  readonly job: JobId | undefined;
  readonly files: readonly string[];
  readonly all: boolean;
  readonly json: string | undefined;
  readonly workers: number;
}

function parse(args: readonly string[]): Choice {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      why: { type: 'string' },
      facade: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean', default: false },
      json: { type: 'string' },
      workers: { type: 'string' },
    },
  });
  refuseRepeats(tokens.filter((token) => token.kind !== 'option' || token.name !== 'facade'));
  const { why, facade: files, all, json } = values;
  const [first, ...rest] = positionals;
  if (why !== undefined && first === undefined) throw new UsageError('--why takes a design and a job');
  if (rest.length > 0) throw new UsageError(`what is "${rest.join(' ')}"?`);
  if (all && first !== undefined) throw new UsageError('--all is for all designs, not for one');
  checkWritable(json);
  return {
    design: why ?? first,
    job: why === undefined ? undefined : jobOf(first ?? ''),
    files,
    all,
    json,
    workers:
      values.workers === undefined ? availableParallelism() : numberOf('--workers', values.workers, 1, 256),
  };
}

/** A job by its name, `copy-response`, or as its function is called, `copyResponse`. */
function jobOf(name: string): JobId {
  const job = JOB_IDS.find((id) => id === name || JOBS[id].name === name);
  if (job !== undefined) return job;
  throw new UsageError(`no job "${name}"; there is ${JOB_IDS.map((id) => JOBS[id].name).join(', ')}`);
}

/** Runs `scatterlist lab`. */
export async function lab(args: readonly string[]): Promise<number> {
  const choice = parse(args);
  const { files, design, job, workers, json } = choice;
  const result = await runLab(
    { files, facade: design, job, isTold: job !== undefined },
    workers,
    (doneCells, cells, elapsedMs, what) => {
      tellProgress({ phase: 'cells', doneCells, cells, later: 0, elapsedMs, what });
    },
  );
  if (json !== undefined) writeText(json, asJson(result));
  process.stdout.write(`${asText(choice, result).join('\n')}\n`);
  return 0;
}

const WIDTH = 80;

function asText({ design, job, all }: Choice, { cells, designs }: LabResult): readonly string[] {
  const heads = new Map(designs.map(({ candidate: { facade } }) => [facade.name, facade]));
  const own = (name: string): readonly LabCell[] => cells.filter(({ facade }) => facade === name);
  if (job !== undefined) return cells.flatMap((cell) => explainLabCell(cell, pc));
  if (design === undefined && !all)
    return [...labTable(cells, pc), '', pc.dim('One design: lab sf-buf   one cell: lab --why sf-buf cursor')];
  return [...heads].flatMap(([name, { title, source, simplifies }]) => [
    `${pc.bold(name)}  ${title}`,
    ...(all ? [] : [source, simplifies].flatMap((text) => wrapText(text, WIDTH, 0)).map(pc.dim)),
    ...designTable(own(name), pc),
    '',
  ]);
}

function asJson({ cells, designs, typescript }: LabResult): string {
  const report = {
    typescript,
    designs: designs.map(({ candidate: { facade } }) => {
      const own = cells.filter((cell) => cell.facade === facade.name);
      return { ...facade, figures: figuresOf(own), cells: own };
    }),
  };
  return `${JSON.stringify(report, undefined, 1)}\n`;
}
