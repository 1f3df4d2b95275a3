import { expect } from 'chai';
import { timeLeft } from '../../../lib/cli/matrix/progress.ts';

describe('the time that is left', () => {
  const of = (doneCells: number, ms: number): string => timeLeft({ doneCells, cells: 100, what: '' }, ms);

  it('is what the cells that are left would take at the rate so far', () => {
    expect(of(50, 3000)).to.equal('about 3 s left');
    expect(of(1, 2000)).to.equal('about 4 min left');
    expect(of(99, 99_000)).to.equal('about 1 s left');
  });

  it('is not told before there is something to tell it from', () => {
    expect([of(50, 999), of(0, 5000)]).to.deep.equal(['', '']);
  });
});
