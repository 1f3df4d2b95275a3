/**
 * `npm run bench`: measures every group in fresh processes and prints one table per group.
 *
 *   --json            prints the figures as JSON
 *   --check           compares with aims.json and exits with 1 if an aim is missed
 *   --smoke           runs a few rounds in one process, only to show that everything runs
 *   --group NAME      measures one group (may be given several times)
 *   --processes N     uses N fresh processes per group (default 5)
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { groups } from './groups/index.ts';
import { figuresOf, isQuietEnough } from './figures.ts';
import type { Aim, Figure, GroupResult, Printed } from './figures.ts';
import { reached } from './report.ts';
import type { Measured } from './worker.ts';

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

/** The longest time that a process waits for a core of its own. */
const PATIENCE_MICROS = 15e6;

/** The best time of the core meter in all processes so far. */
let coreMicros = Number.POSITIVE_INFINITY;

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
      ...(options.smoke ? ['1', '20', '0'] : ['41', '3000', String(PATIENCE_MICROS)]),
      String(coreMicros),
      ...(options.smoke ? ['smoke'] : []),
    ],
    { encoding: 'utf8' },
  );
  const measured = JSON.parse(out) as readonly Measured[];
  for (const { coreMicros: best } of measured) if (best > 0) coreMicros = Math.min(coreMicros, best);
  return measured;
}

/**
 * Measures a group in fresh processes until enough of them had a core of their own, but in at most twice the number that
 * is wanted.
 */
function measureOften(name: string): readonly Measured[] {
  const runs: Measured[] = [];
  while (runs.length < 2 * processes && !isQuietEnough(runs, processes)) runs.push(...measureOnce([name]));
  return runs;
}

const MEMCPY = /^(one )?memcpy of (1048576 bytes|1 MiB)$/;

/** A figure per unit, also as a fraction of the run's own 1 MiB memcpy if there was one. */
function perUnit({ perUnit: value, unit }: Figure, memcpy: Figure | undefined): string {
  if (unit === 'ns') return '';
  if (unit === 'bytes' || unit === 'steps' || unit === 'times') return `${value.toFixed(1)} ${unit}`;
  const part = memcpy === undefined ? '' : ` (${(value / memcpy.perUnit).toExponential(2)} memcpy)`;
  return `${value.toFixed(2)} ns${part}`;
}

function table({ title, baseline, quietProcesses, processes: all, figures }: GroupResult): string {
  const width = Math.max(...figures.map((f) => f.name.length), 10);
  const memcpy = figures.find((f) => MEMCPY.test(f.name));
  const rows = figures.map((f) => {
    const spread = `${f.least.toFixed(2)} to ${f.most.toFixed(2)}`.padEnd(14);
    const end = [perUnit(f, memcpy), f.noisy ? 'noisy' : ''].filter((part) => part !== '').join('  ');
    return `  ${f.name.padEnd(width)}  ${f.ratio.toFixed(3).padStart(8)}   ${spread}  ${end}`.trimEnd();
  });
  const head = `  ratio to: ${baseline}; a core of their own in ${String(quietProcesses)} of ${String(all)} processes`;
  return [title, head, ...rows, ''].join('\n');
}

const results: Record<string, GroupResult> = {};
// A smoke run only shows that everything runs, so one process is enough.
const together = options.smoke ? measureOnce(names) : [];
for (const [i, name] of names.entries()) {
  const runs = options.smoke ? together.slice(i, i + 1) : measureOften(name);
  const result = figuresOf(runs, processes);
  results[name] = result;
  if (!options.json) process.stdout.write(`${table(result)}\n`);
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
