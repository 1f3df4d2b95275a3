import { expect } from 'chai';
import { sleepingCall, watchSleepingCalls } from '../../lib/base/sleeping-call.ts';
import { pausing } from '../../lib/lab/pausing.ts';

describe('pausing', () => {
  const api = {
    size: 3,
    plain(by: number): number {
      return this.size * by;
    },
    *mayS(by: number): Generator<undefined, number, void> {
      return this.size + by;
    },
  };

  it('yields once before a call that may sleep, and passes what it returns', () => {
    const work = pausing(api).mayS(4);
    expect(work.next()).to.deep.equal({ done: false, value: undefined });
    expect(work.next()).to.deep.equal({ done: true, value: 7 });
  });

  it('tells the explorer of its own pause, not of the call that begins a step later', () => {
    const made: [Generator, string][] = [];
    const calling = { *pool() {}, wait: () => sleepingCall(calling.pool(), 'pool') };
    const paused = pausing(calling);
    let work: Generator | undefined;
    watchSleepingCalls(
      (generator, name) => made.push([generator, name]),
      () => {
        work = paused.wait();
      },
    );
    expect(made).to.deep.equal([[work, 'wait']]);
  });

  it('leaves all else as it is', () => {
    expect(pausing(api).size).to.equal(3);
    expect(pausing(api).plain(2)).to.equal(6);
  });
});
