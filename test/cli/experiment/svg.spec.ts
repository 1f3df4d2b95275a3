import { expect } from 'chai';
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

  it('escapes what a user writes', async () => {
    const { chart } = smoke(contextSwitchExperiment);
    expect(await svgOf({ ...chart, title: 'a < b & c' })).to.include('a &lt; b &amp; c');
  });
});
