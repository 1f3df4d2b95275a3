import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { bounceExperiment } from '../../../lib/lab/experiments/bounce.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment bounce', () => {
  checksOf(bounceExperiment);

  const { rows } = smoke(bounceExperiment);
  const of = (prefill: string, writeBack: string) =>
    rows.find((row) => row['prefill'] === prefill && row['writeBack'] === writeBack);

  it('keeps every byte right only if the buffer is filled from the device', () => {
    for (const row of rows) {
      const isRight = row['wrongReads'] === 0 && row['wrongBytes'] === 0;
      expect(isRight).to.equal(row['prefill'] === 'copy');
    }
  });

  it('moves a page in and a page out for each job, as swiotlb', () => {
    expect(of('copy', 'all')?.['moved']).to.equal(128);
    expect(of('none', 'all')?.['moved']).to.equal(64);
  });

  it('refuses maps only if the pool is smaller than what is in flight', () => {
    for (const row of rows) expect(Number(row['refused']) > 0).to.equal(Number(row['pool']) < 6);
  });

  it('needs all that it moves if a job needs a whole page', () => {
    const parameters = { ...bounceExperiment.smoke, bytes: 4096, writes: 100 };
    const whole = runExperiment(bounceExperiment, { parameters }).rows;
    const [all, touched, length] = whole.slice(3);
    expect([all?.['wrongBytes'], length?.['wrongBytes']]).to.deep.equal([0, 0]);
    // A byte that the last user of the buffer left with the same value counts as not changed.
    expect(touched?.['writeBack']).to.equal('touched');
  });
});
