import { expect } from 'chai';
import { chromeTrace, explain, parseSchedule } from 'scatterlist/explore';
import { counter } from '../programs.ts';

describe('chromeTrace', () => {
  const { traceEvents } = chromeTrace(explain(counter(), parseSchedule('0.1.1.0')));

  it('names a track per column and makes a slice per step', () => {
    expect(traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args?.['name'])).to.deep.equal([
      'cpu0',
    ]);
    const slices = traceEvents.filter(({ ph }) => ph === 'X');
    expect(slices.map(({ name }) => name)).to.deep.equal(['one', 'two', 'two', 'one']);
    expect(slices.every(({ ts, dur = 0 }, i) => ts + dur <= (slices[i + 1]?.ts ?? Infinity))).to.equal(true);
  });

  it('draws a flow from each map to its unmap', () => {
    const starts = traceEvents.filter(({ ph }) => ph === 's');
    const ends = traceEvents.filter(({ ph }) => ph === 'f');
    expect(starts.map(({ id }) => id).sort()).to.deep.equal(ends.map(({ id }) => id).sort());
    expect(starts).to.have.length(2);
    for (const start of starts)
      expect(start.ts).to.be.lessThan(ends.find(({ id }) => id === start.id)?.ts ?? 0);
  });

  it('is JSON', () => {
    expect(JSON.parse(JSON.stringify(traceEvents))).to.have.length(traceEvents.length);
  });
});
