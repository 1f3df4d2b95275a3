import { expect } from 'chai';
import { progressLine } from '../../../lib/cli/explore/progress.ts';

describe('progressLine', () => {
  const counts = { schedules: 5000, steps: 9, states: 7, pruned: 1, milliseconds: 2500 };

  it('says how far it is and when it ends, never further than a day ahead', () => {
    const start = '5000 schedules, 7 states, 2.5 s';
    expect(progressLine(counts, 0.25, 60_000)).to.equal(`25.0 %, ${start}, about 8 s left`);
    expect(progressLine(counts, 1e-130, 60_000)).to.equal(`0.0 %, ${start}, at most 58 s left`);
    expect(progressLine(counts, 1e-130, Infinity)).to.equal(`0.0 %, ${start}`);
    expect(progressLine(counts, undefined, 60_000)).to.equal(start);
    expect(progressLine(counts, undefined, Infinity)).to.equal(start);
    expect(progressLine(counts, 0, Infinity)).to.equal(`0.0 %, ${start}`);
    expect(progressLine(counts, 0.01, 1000)).to.equal(`1.0 %, ${start}, at most 0 s left`);
  });
});
