/**
 * `npm run bench`: every group in fresh processes, one table per group.
 *
 *   --json            the figures as JSON
 *   --check           compares with aims.json and exits 1 where an aim is missed
 *   --smoke           few rounds, one process: only shows that everything runs
 *   --group NAME      one group (may be given several times)
 *   --processes N     fresh processes per group (default 5)
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groups } from './groups/index.ts';
import { median } from './measure.ts';
import type { Row } from './measure.ts';

interface Measured {
  readonly title: string;
  readonly baseline: string;
  readonly rows: readonly Row[];
}

interface Aim {
  readonly group: string;
  readonly row: string;
  /** Aim for the ratio of the row to `over` (a row of the group; default its baseline). */
  readonly most: number;
  readonly over?: string;
}

/** One row over all processes. `noisy` where they disagree by more than a quarter. */
export interface Figure {
  readonly name: string;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
  readonly nsPerUnit: number;
  readonly noisy: boolean;
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    group: { type: 'string', multiple: true },
    processes: { type: 'string', default: '5' },
  },
});

const here = import.meta.dirname;
const names = options.group ?? Object.keys(groups);
const processes = options.smoke ? 1 : Number(options.processes);
const sizing = options.smoke ? ['2', '200'] : ['41', '3000'];

function measureOnce(name: string): Measured {
  const out = execFileSync(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', join(here, 'worker.ts'), name, ...sizing],
    { encoding: 'utf8' },
  );
  return JSON.parse(out) as Measured;
}

function gather(runs: readonly Measured[]): readonly Figure[] {
  return (runs[0]?.rows ?? []).map(({ name }, i) => {
    const rows = runs.map((run) => run.rows[i]!);
    const ratios = rows.map((row) => row.ratio);
    const least = Math.min(...ratios);
    const most = Math.max(...ratios);
    return {
      name,
      ratio: median(ratios),
      least,
      most,
      nsPerUnit: median(rows.map((row) => row.nsPerUnit)),
      noisy: most > 1.25 * least,
    };
  });
}

function table(title: string, baseline: string, figures: readonly Figure[]): string {
  const width = Math.max(...figures.map((f) => f.name.length), 10);
  const rows = figures.map(
    (f) =>
      `  ${f.name.padEnd(width)}  ${f.ratio.toFixed(3).padStart(8)}   ${f.least.toFixed(2)} to ${f.most.toFixed(2)}${f.noisy ? '  noisy' : ''}`,
  );
  return [`${title}`, `  ratio to: ${baseline}`, ...rows, ''].join('\n');
}

const results: Record<string, { title: string; baseline: string; figures: readonly Figure[] }> = {};
for (const name of names) {
  const runs = Array.from({ length: processes }, () => measureOnce(name));
  const figures = gather(runs);
  const { title, baseline } = runs[0]!;
  results[name] = { title, baseline, figures };
  if (!options.json) process.stdout.write(`${table(title, baseline, figures)}\n`);
}
if (options.json)
  process.stdout.write(`${JSON.stringify({ processes, node: process.version, results }, null, 1)}\n`);

if (options.check) {
  const aims = JSON.parse(readFileSync(join(here, 'aims.json'), 'utf8')) as readonly Aim[];
  let missed = 0;
  for (const aim of aims.filter((a) => names.includes(a.group))) {
    const figures = results[aim.group]?.figures ?? [];
    const row = figures.find((f) => f.name === aim.row);
    const over = aim.over === undefined ? { ratio: 1 } : figures.find((f) => f.name === aim.over);
    if (row === undefined || over === undefined) {
      process.stdout.write(
        `not measured here: ${aim.group} / ${aim.row} over ${aim.over ?? 'the baseline'}\n`,
      );
      continue;
    }
    const got = row.ratio / over.ratio;
    const holds = got <= aim.most;
    if (!holds) missed += 1;
    process.stdout.write(
      `${holds ? 'holds ' : 'MISSED'}  ${aim.group} / ${aim.row}: ${got.toFixed(3)} of ${aim.over ?? 'the baseline'}, aim ${String(aim.most)}\n`,
    );
  }
  if (missed > 0) process.exitCode = 1;
}
