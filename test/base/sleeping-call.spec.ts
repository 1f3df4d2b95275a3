/* eslint-disable scatterlist/yield-star -- calls without yield* are what is tested */
import { expect } from 'chai';

import { sleepingCall, watchSleepingCalls } from '../../lib/base/sleeping-call.ts';

function* work(): Generator<undefined, number, void> {
  yield;
  return 1;
}

describe('a call of a sleeping function', () => {
  it('passes on what was made, and tells who watches during some work', () => {
    const told: (readonly [Generator, string])[] = [];
    const made = [work(), work(), work(), work()] as const;
    expect(sleepingCall(made[0], 'before')).to.equal(made[0]);
    watchSleepingCalls(
      (...call) => told.push(call),
      () => {
        sleepingCall(made[1], 'outer');
        expect(() => {
          watchSleepingCalls(
            () => undefined,
            () => {
              sleepingCall(made[2], 'inner');
              throw new Error('ended');
            },
          );
        }).to.throw('ended');
        sleepingCall(made[3], 'outer again');
      },
    );
    sleepingCall(work(), 'after');
    expect(told).to.deep.equal([
      [made[1], 'outer'],
      [made[3], 'outer again'],
    ]);
  });
});
