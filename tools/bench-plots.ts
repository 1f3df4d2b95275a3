/** `npm run bench:plots`: makes the plots and tables of docs/performance.md from bench/results.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Aim, Printed } from '../bench/figures.ts';
import { chartsOf, tablesOf } from '../bench/report.ts';
import { svgOf } from '../lib/cli/experiment/svg.ts';

const root = join(import.meta.dirname, '..');
const printed = JSON.parse(readFileSync(join(root, 'bench', 'results.json'), 'utf8')) as Printed;
const aims = JSON.parse(readFileSync(join(root, 'bench', 'aims.json'), 'utf8')) as readonly Aim[];

for (const [name, chart] of Object.entries(chartsOf(printed)))
  writeFileSync(join(root, 'docs', 'plots', `${name}.svg`), await svgOf(chart));

const page = join(root, 'docs', 'performance.md');
const [before, , after] = readFileSync(page, 'utf8').split(/<!-- figures: (?:begin|end) -->/);
writeFileSync(
  page,
  `${before ?? ''}<!-- figures: begin -->\n\n${tablesOf(printed, aims)}\n\n<!-- figures: end -->${after ?? ''}`,
);
