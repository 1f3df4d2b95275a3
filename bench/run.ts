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
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groups } from './groups/index.ts';
import { median } from './measure.ts';
import type { Row } from './measure.ts';
import { reached } from './report.ts';
import type { Measured } from './worker.ts';

export interface Aim {
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
  /** Nanoseconds of a unit (of a call, where it has no units), or bytes. */
  readonly perUnit: number;
  readonly unit: Row['unit'];
  readonly noisy: boolean;
}

/** What `--json` prints. */
export interface Printed {
  readonly processes: number;
  readonly node: string;
  readonly cpu: string;
  readonly results: Readonly<
    Record<string, { readonly title: string; readonly baseline: string; readonly figures: readonly Figure[] }>
  >;
}

const USAGE = `usage: npm run bench -- [--json] [--check] [--smoke] [--group NAME]... [--processes N]
groups: ${Object.keys(groups).join(', ')}
`;

function refuse(why: string): never {
  process.stderr.write(`${why}\n${USAGE}`);
  process.exit(2);
}

function optionsOf() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        smoke: { type: 'boolean', default: false },
        group: { type: 'string', multiple: true },
        processes: { type: 'string', default: '5' },
      },
    }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const options = optionsOf();
const here = import.meta.dirname;
const names = options.group ?? Object.keys(groups);
const unknown = names.filter((name) => !Object.hasOwn(groups, name));
if (unknown.length > 0) refuse(`no group ${unknown.join(', ')}`);
if (!/^[1-9]\d*$/.test(options.processes))
  refuse(`--processes ${options.processes}: not a number of processes`);
const processes = options.smoke ? 1 : Number(options.processes);
const sizing = options.smoke ? ['1', '20', 'smoke'] : ['41', '3000'];

function measureOnce(wanted: readonly string[]): readonly Measured[] {
  const out = execFileSync(
    process.execPath,
    [
      '--expose-gc',
      '--conditions=source',
      '--import',
      'tsx',
      join(here, 'worker.ts'),
      wanted.join(','),
      ...sizing,
    ],
    { encoding: 'utf8' },
  );
  return JSON.parse(out) as readonly Measured[];
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
      perUnit: median(rows.map((row) => row.perUnit)),
      unit: rows[0]!.unit,
      noisy: most > 1.25 * least,
    };
  });
}

const MEMCPY = /^(one )?memcpy of (1048576 bytes|1 MiB)$/;

/** A figure per unit, and what part of the run's own 1 MiB memcpy it is where there was one. */
function perUnit({ perUnit: value, unit }: Figure, memcpy: Figure | undefined): string {
  if (unit === 'ns') return '';
  if (unit === 'bytes') return `${value.toFixed(1)} bytes`;
  const part = memcpy === undefined ? '' : ` (${(value / memcpy.perUnit).toExponential(2)} memcpy)`;
  return `${value.toFixed(2)} ns${part}`;
}

function table(title: string, baseline: string, figures: readonly Figure[]): string {
  const width = Math.max(...figures.map((f) => f.name.length), 10);
  const memcpy = figures.find((f) => MEMCPY.test(f.name));
  const rows = figures.map((f) => {
    const spread = `${f.least.toFixed(2)} to ${f.most.toFixed(2)}`.padEnd(14);
    const end = [perUnit(f, memcpy), f.noisy ? 'noisy' : ''].filter((part) => part !== '').join('  ');
    return `  ${f.name.padEnd(width)}  ${f.ratio.toFixed(3).padStart(8)}   ${spread}  ${end}`.trimEnd();
  });
  return [`${title}`, `  ratio to: ${baseline}`, ...rows, ''].join('\n');
}

const results: Record<string, Printed['results'][string]> = {};
// A smoke run shows that everything runs: all of it in one process.
const together = options.smoke ? measureOnce(names) : [];
for (const [i, name] of names.entries()) {
  const runs = options.smoke
    ? together.slice(i, i + 1)
    : Array.from({ length: processes }, () => measureOnce([name])[0]!);
  const figures = gather(runs);
  const { title, baseline } = runs[0]!;
  results[name] = { title, baseline, figures };
  if (!options.json) process.stdout.write(`${table(title, baseline, figures)}\n`);
}
const printed: Printed = { processes, node: process.version, cpu: cpus()[0]?.model ?? '', results };
if (options.json) process.stdout.write(`${JSON.stringify(printed, null, 1)}\n`);

if (options.check) {
  const aims = JSON.parse(readFileSync(join(here, 'aims.json'), 'utf8')) as readonly Aim[];
  let missed = 0;
  for (const aim of aims.filter((a) => names.includes(a.group))) {
    const got = reached(printed, aim);
    if (got === undefined) {
      process.stdout.write(
        `not measured here: ${aim.group} / ${aim.row} over ${aim.over ?? 'the baseline'}\n`,
      );
      continue;
    }
    const holds = got <= aim.most;
    if (!holds) missed += 1;
    process.stdout.write(
      `${holds ? 'holds ' : 'MISSED'}  ${aim.group} / ${aim.row}: ${got.toFixed(3)} of ${aim.over ?? 'the baseline'}, aim ${String(aim.most)}\n`,
    );
  }
  if (missed > 0) process.exitCode = 1;
}
