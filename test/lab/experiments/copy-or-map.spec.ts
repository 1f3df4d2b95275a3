import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { copyOrMapExperiment } from '../../../lib/lab/experiments/copy-or-map.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment copy-or-map', () => {
  checksOf(copyOrMapExperiment);

  it('comes near 1 for a caller that takes long over each byte', () => {
    const figureWith = (use: number): number =>
      runExperiment(copyOrMapExperiment, { parameters: { use } }).conclusion.figure.value;
    // 144 cycles for a map of a page, 256 for each pass over it.
    expect(figureWith(0)).to.be.closeTo((144 + 256) / 144, 0.001);
    expect(figureWith(1)).to.be.closeTo((144 + 2 * 256) / (144 + 256), 0.001);
    expect(figureWith(64)).to.be.below(1.02);
  });

  it('makes as many maps to copy as to read in place', () => {
    for (const row of smoke(copyOrMapExperiment).rows) expect(row['maps']).to.equal(row['copyMaps']);
  });

  it('does not hold if the copy of a byte costs nothing', () => {
    const { rows, conclusion } = smoke(copyOrMapExperiment, { byteCopy: 0 });
    expect(conclusion.verdict).to.equal('does not hold');
    for (const row of rows) expect(row['ratio']).to.equal(1);
  });

  it('has rows by a clock only if it is given one', () => {
    let now = 0;
    const clock = (): number => (now += 1);
    const { realTime } = runExperiment(copyOrMapExperiment, { parameters: copyOrMapExperiment.smoke, clock });
    expect(realTime).to.have.length(12);
    for (const row of realTime ?? []) expect(row['copied/in place']).to.equal(1);
    expect(smoke(copyOrMapExperiment)).to.not.have.property('realTime');
  });
});
