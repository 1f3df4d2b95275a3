/** docs/performance.md shows what bench/results.json holds. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineChart } from '../../bench/line-chart.ts';
import { plotsOf, reached, tablesOf } from '../../bench/report.ts';
import type { Aim, Printed } from '../../bench/figures.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('docs/performance.md', () => {
  const printed = JSON.parse(read('bench/results.json')) as Printed;
  const aims = JSON.parse(read('bench/aims.json')) as readonly Aim[];

  it('has the tables of the last run: npm run bench:plots', () => {
    expect(read('docs/performance.md')).to.include(tablesOf(printed, aims));
  });

  it('has its plots', () => {
    for (const [name, svg] of Object.entries(plotsOf(printed))) {
      expect(read(`docs/plots/${name}`), name).to.equal(svg);
      expect(read('docs/performance.md')).to.include(`(plots/${name})`);
      for (const line of ['ours', 'bl', 'hand loop']) expect(svg).to.include(`>${line}</text>`);
    }
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

describe('lineChart', () => {
  it('spans its points on logarithmic axes and escapes its texts', () => {
    const svg = lineChart({
      title: 'a < b & c',
      xTitle: 'x',
      yTitle: 'y',
      xLabel: String,
      series: [
        {
          name: 'one',
          colour: '#000',
          points: [
            [1, 1],
            [10, 10],
            [100, 1],
          ],
        },
        {
          name: 'two',
          colour: '#111',
          dashed: true,
          points: [
            [1, 10],
            [100, 1],
          ],
        },
      ],
    });
    expect(svg).to.include('a &lt; b &amp; c');
    expect(svg).to.include('points="64,344 337,48 610,344"');
    expect(svg).to.include('stroke-dasharray');
    // Names at one height are moved apart.
    expect(svg).to.include('y="348" fill="#000"').and.include('y="363" fill="#111"');
  });
});
