import { expect } from 'chai';
import type { LineChart } from 'scatterlist/lab';
import { svgOf } from '../../../lib/cli/experiment/svg.ts';
import { contextSwitchExperiment } from '../../../lib/lab/experiments/context-switch.ts';
import { pksExperiment } from '../../../lib/lab/experiments/pks.ts';
import { smoke } from '../../lab/experiments/checks.ts';

describe('a chart as SVG', () => {
  it('has the texts of the chart, and is the same each time', async () => {
    const { chart } = smoke(contextSwitchExperiment);
    const svg = await svgOf(chart);
    expect(svg).to.match(/^<svg/).and.include('kmap_local</text>').and.include('maps that the task holds');
    expect(svg).to.include('fill="#ffffff"');
    expect(await svgOf(smoke(pksExperiment).chart)).to.include('all protected</text>');
    expect(await svgOf(chart)).to.equal(svg);
  });

  it('has another colour for each of its colours where the system of the reader is dark', async () => {
    const chart: LineChart = {
      ...{ kind: 'lines', title: 'lines', x: { title: 'x' }, y: { title: 'y' } },
      // One line in each colour.
      series: Array.from({ length: 7 }, (_, n) => ({ name: `line ${String(n)}`, points: [[n, n]] })),
    };
    for (const svg of [await svgOf(chart), await svgOf(smoke(pksExperiment).chart)]) {
      const [style = ''] = /<style>@media \(prefers-color-scheme: dark\) .*?<\/style>/.exec(svg) ?? [];
      const colours = new Set(
        [...svg.replace(style, '').matchAll(/(?:fill|stroke)="(#\w+)"/g)].map(([, c]) => c),
      );
      expect(colours.size).to.be.above(5);
      for (const colour of colours) expect(style).to.include(`[fill="${String(colour)}"]{fill:#`);
    }
  });

  it('is as wide as its texts, whichever fonts the machine has', async () => {
    const widthOf = async (name: string): Promise<number> => {
      const chart: LineChart = {
        ...{ kind: 'lines', title: 'lines', x: { title: 'x' }, y: { title: 'y' } },
        series: [
          {
            name,
            points: [
              [0, 0],
              [9, 9],
            ],
          },
        ],
      };
      return Number(/width="(\d+)"/.exec(await svgOf(chart))?.[1]);
    };
    // Thirteen pixels high, two thirds as wide.
    expect((await widthOf('x'.repeat(30))) - (await widthOf('x'.repeat(10)))).to.equal(169);
  });

  it('escapes what a user writes', async () => {
    const { chart } = smoke(contextSwitchExperiment);
    expect(await svgOf({ ...chart, title: 'a < b & c' })).to.include('a &lt; b &amp; c');
  });
});
