import { expect } from 'chai';

import { livelock } from '../../../lib/explore/loops/livelock.ts';
import { createMachine } from '../../../lib/kernel/core/create-machine.ts';

describe('livelock', () => {
  const context = createMachine().task('a').state();
  const what = (acting: readonly number[], steps: number): string =>
    livelock({ acting: new Set(acting), starved: new Set(), steps }, ['a', 'b'], context).what;

  it('names who goes round, and how many steps a round has', () => {
    expect(what([0], 1)).to.equal('"a" repeats the same step for ever, and no other actor can change that');
    expect(what([1, 0], 6)).to.equal(
      '"a" and "b" repeat the same 6 steps for ever, and none of them gets on',
    );
  });
});
