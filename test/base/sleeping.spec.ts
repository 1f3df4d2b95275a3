/* eslint-disable local/must-use-result -- calls without yield* are what is tested */
import { expect } from 'chai';

import { sleeping, watchSleeping } from '../../lib/base/sleeping.ts';

function* work(): Generator<undefined, number, void> {
  yield;
  return 1;
}

describe('sleeping', () => {
  it('passes on what was made, and tells who watches during some work', () => {
    const told: (readonly [Generator, string])[] = [];
    const made = [work(), work(), work(), work()] as const;
    expect(sleeping(made[0], 'before')).to.equal(made[0]);
    watchSleeping(
      (...call) => told.push(call),
      () => {
        sleeping(made[1], 'outer');
        expect(() => {
          watchSleeping(
            () => undefined,
            () => {
              sleeping(made[2], 'inner');
              throw new Error('ended');
            },
          );
        }).to.throw('ended');
        sleeping(made[3], 'outer again');
      },
    );
    sleeping(work(), 'after');
    expect(told).to.deep.equal([
      [made[1], 'outer'],
      [made[3], 'outer again'],
    ]);
  });
});
