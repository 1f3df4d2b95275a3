import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { typedFailureExperiment } from '../../../lib/lab/experiments/typed-failure.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment typed-failure', () => {
  checksOf(typedFailureExperiment);

  const of = (design: string) => smoke(typedFailureExperiment).rows.find((row) => row['design'] === design);

  it('ends every run soundly with a typed result, and none with the others', () => {
    const sound = smoke(typedFailureExperiment).rows.map((row) => [row['design'], row['sound']]);
    expect(sound).to.deep.equal([
      ['never fails', 0],
      ['MUST_NOT_FAIL', 0],
      ['errno, unchecked', 0],
      ['typed, path leaks', 0],
      ['typed, fails', 100],
      ['typed, copies', 100],
    ]);
  });

  it('reports a plain store to the device in every run of a map that never fails', () => {
    expect(of('never fails')?.['unsafe']).to.equal(100);
    expect(of('typed, copies')?.['unsafe']).to.equal(0);
  });

  it('loses what comes after the request in which the task stopped', () => {
    // With r requests of which each has its turn, the stop is at each of them equally often: (r + 1) / 2 of r are lost.
    expect(Number(of('MUST_NOT_FAIL')?.['lost'])).to.be.closeTo((100 * 2) / 3, 0.001);
    expect(
      runExperiment(typedFailureExperiment, { parameters: { requests: 1, entries: 1 } }).rows[1]?.['lost'],
    ).to.equal(100);
  });
});
