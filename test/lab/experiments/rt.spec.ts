import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { rtExperiment } from '../../../lib/lab/experiments/rt.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment rt', () => {
  checksOf(rtExperiment);

  const { rows } = smoke(rtExperiment);

  it('may take the CPU everywhere but in an atomic section without PREEMPT_RT', () => {
    for (const row of rows)
      expect(row['preemptible']).to.equal(row['design'] === 'kmap_atomic' ? 'no' : 'yes');
  });

  it('adds the whole section without PREEMPT_RT, and the same for every section with it', () => {
    const worst = (design: string) =>
      rows.filter((row) => row['design'] === design).map((row) => Number(row['worst']));
    expect(worst('kmap_atomic').at(-1)).to.be.above(90_000);
    expect(new Set(worst('kmap_atomic, RT')).size).to.equal(1);
    expect(worst('kmap_atomic, RT')).to.deep.equal(worst('kmap_local'));
  });

  it('holds if clearing an entry and flushing it cost nothing', () => {
    expect(smoke(rtExperiment, { localFlush: 0, pteWrite: 0 }).conclusion.verdict).to.equal('holds');
    expect(() => runExperiment(rtExperiment, { parameters: { wakes: 1 } })).to.throw('wakes is 1');
  });
});
