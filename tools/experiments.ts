/**
 * `npm run docs:experiments`: runs all experiments, and writes docs/experiments.json, their plots, and the generated parts
 * of docs/experiments.md and of the README.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { svgOf } from '../lib/cli/experiment/svg.ts';
import { runExperiment } from '../lib/lab/experiment/run-experiment.ts';
import { EXPERIMENTS } from '../lib/lab/experiments/index.ts';
import { plotOf, withExperiments, withSurprises } from './experiments-page.ts';
import type { CheckedInRun } from './experiments-page.ts';

const ROOT = join(import.meta.dirname, '..');

const results = EXPERIMENTS.map((one) => runExperiment(one, { clock: () => performance.now() }));
const run: CheckedInRun = { cpu: cpus()[0]?.model ?? 'an unknown CPU', node: process.versions.node, results };

writeFileSync(join(ROOT, 'docs', 'experiments.json'), `${JSON.stringify(run, null, 1)}\n`);
for (const { name, chart } of results)
  writeFileSync(join(ROOT, 'docs', 'plots', plotOf(name)), await svgOf(chart));
for (const [page, withRun] of [
  ['docs/experiments.md', withExperiments],
  ['README.md', withSurprises],
] as const) {
  const file = join(ROOT, page);
  writeFileSync(file, withRun(readFileSync(file, 'utf8'), run));
}
