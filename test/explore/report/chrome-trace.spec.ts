import { expect } from 'chai';
import { chromeTrace, explain, parseSchedule } from 'scatterlist/explore';
import { counter, steps } from '../programs.ts';

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

  it('gives each step 100 microseconds, and spreads what happened in it evenly between its ends', () => {
    expect(
      traceEvents.filter(({ ph }) => ph === 'X').map(({ ts, dur, args }) => [ts, dur, args?.['step']]),
    ).to.deep.equal([
      [0, 99, 0],
      [100, 99, 1],
      [200, 99, 2],
      [300, 99, 3],
    ]);
    const instants = traceEvents.filter(({ ph }) => ph === 'i');
    for (const step of [0, 1, 2, 3]) {
      const times = instants.filter(({ ts }) => Math.floor(ts / 100) === step).map(({ ts }) => ts % 100);
      const inside = 100 / (times.length + 1);
      expect(times.length).to.be.greaterThan(0);
      times.forEach((at, i) => {
        expect(at).to.be.closeTo((i + 1) * inside, 1e-6);
      });
    }
    const [slice] = traceEvents.filter(({ ph }) => ph === 'X');
    expect(slice).to.include({ pid: 1, tid: 0 });
    expect(traceEvents[0]).to.deep.equal({
      name: 'thread_name',
      ph: 'M',
      pid: 1,
      tid: 0,
      ts: 0,
      args: { name: 'cpu0' },
    });
  });

  it('marks a violation across every track, other events on their own', () => {
    const scopes = traceEvents.filter(({ ph }) => ph === 'i').map(({ name, s }) => [name.startsWith('✗'), s]);
    expect(scopes).to.deep.include([true, 'g']);
    expect(scopes).to.deep.include([false, 't']);
    expect(scopes).not.to.deep.include([true, 't']);
    expect(scopes).not.to.deep.include([false, 'g']);
  });

  it('has one slice for a step in which nothing happened but a switch', () => {
    const idle = chromeTrace(explain(steps(1), parseSchedule('0.0'))).traceEvents;
    expect(
      idle.filter(({ ph }) => ph !== 'i').map((event) => [event.ph, event.args?.['does']]),
    ).to.deep.equal([
      ['M', undefined],
      ['X', 'cpu0 switches from swapper/0 to t0; runs'],
      ['X', 'cpu0 switches from t0 to swapper/0; runs'],
    ]);
  });

  it('is JSON', () => {
    expect(JSON.parse(JSON.stringify(traceEvents))).to.have.length(traceEvents.length);
  });
});
