import { expect } from 'chai';
import { progressText, timeLeft } from '../../../lib/cli/matrix/progress.ts';
import type { Tell } from '../../../lib/cli/matrix/progress.ts';

const tell = (doneCells: number, elapsedMs: number, more: Partial<Tell> = {}): Tell => ({
  phase: 'cells',
  doneCells,
  cells: 100,
  later: 0,
  elapsedMs,
  what: 'a port',
  ...more,
});

describe('the time that is left', () => {
  const of = (doneCells: number, ms: number): string => timeLeft(tell(doneCells, ms));

  it('is what the cells that are left would take at the rate so far', () => {
    expect(of(50, 3000)).to.equal('about 3 s left');
    expect(of(1, 2000)).to.equal('about 4 min left');
    expect(of(99, 99_000)).to.equal('about 1 s left');
  });

  it('is not told before there is something to tell it from', () => {
    expect([of(50, 999), of(0, 5000)]).to.deep.equal(['', '']);
  });
});

describe('the line of the progress', () => {
  it('says what is done, what is left, and what comes after', () => {
    expect(progressText(tell(50, 3000))).to.equal('50 of 100 cells  about 3 s left  a port');
    expect(progressText(tell(50, 3000, { later: 7 }))).to.equal(
      '50 of 100 cells  about 3 s left, then 7 to explore  a port',
    );
    expect(progressText(tell(50, 3000, { phase: 'orders' }))).to.equal(
      '50 of 100 cells in every order  about 3 s left  a port',
    );
  });

  it('is empty only at the very end', () => {
    expect(progressText(tell(100, 3000))).to.equal('');
    expect(progressText(tell(100, 3000, { later: 7 }))).to.match(/then 7 to explore/);
  });
});
