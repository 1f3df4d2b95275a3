/** `npm run bench:plots`: makes the plots and tables of docs/performance.md from bench/results.json. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plotsOf, tablesOf } from './report.ts';
import type { Aim, Printed } from './figures.ts';

const here = import.meta.dirname;
const docs = join(here, '..', 'docs');
const printed = JSON.parse(readFileSync(join(here, 'results.json'), 'utf8')) as Printed;
const aims = JSON.parse(readFileSync(join(here, 'aims.json'), 'utf8')) as readonly Aim[];

mkdirSync(join(docs, 'plots'), { recursive: true });
for (const [name, svg] of Object.entries(plotsOf(printed))) writeFileSync(join(docs, 'plots', name), svg);

const page = join(docs, 'performance.md');
const [before, , after] = readFileSync(page, 'utf8').split(/<!-- figures: (?:begin|end) -->/);
writeFileSync(
  page,
  `${before ?? ''}<!-- figures: begin -->\n\n${tablesOf(printed, aims)}\n\n<!-- figures: end -->${after ?? ''}`,
);
