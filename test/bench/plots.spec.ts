/** docs/performance.md shows what bench/results.json holds. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartsOf, reached, tablesOf } from '../../bench/report.ts';
import type { Aim, Printed } from '../../bench/figures.ts';
import { svgOf } from '../../lib/cli/experiment/svg.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('docs/performance.md', () => {
  const printed = JSON.parse(read('bench/results.json')) as Printed;
  const aims = JSON.parse(read('bench/aims.json')) as readonly Aim[];

  it('has the tables of the last run: npm run bench:plots', () => {
    expect(read('docs/performance.md')).to.include(tablesOf(printed, aims));
  });

  for (const [name, chart] of Object.entries(chartsOf(printed)))
    it(`has the plot ${name}`, async () => {
      const svg = await svgOf(chart);
      expect(read(`docs/plots/${name}.svg`)).to.equal(svg);
      expect(read('docs/performance.md')).to.include(`(plots/${name}.svg)`);
      for (const line of ['ours', 'bl', 'hand loop']) expect(svg).to.include(`>${line}</text>`);
    });

  it('was measured for every aim', () => {
    expect(aims.filter((aim) => reached(printed, aim) === undefined)).to.deep.equal([]);
  });
});

describe('the line above the table of aims', () => {
  const printed = JSON.parse(read('bench/results.json')) as Printed;

  it('names the groups of which too few processes had a core of their own', () => {
    const group = (quietProcesses: number, processes: number): Printed['results'][string] => ({
      ...{ title: 'a title', baseline: 'a baseline', figures: [] },
      ...{ quietProcesses, processes },
    });
    const lineOf = (results: Printed['results']): string | undefined =>
      tablesOf({ ...printed, processes: 5, results }, []).split('\n')[0];
    expect(lineOf({ one: group(5, 5), two: group(5, 5) })).to.match(
      /5 processes\. All of them had the core to themselves\.$/,
    );
    expect(lineOf({ one: group(2, 10), two: group(5, 5), three: group(0, 10) })).to.match(
      /too few had the core to themselves, so that all processes count: one, three\.$/,
    );
  });
});
