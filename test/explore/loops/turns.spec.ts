import { expect } from 'chai';

import { onCpu } from '../../../lib/explore/choice.ts';
import { takeTurns } from '../../../lib/explore/loops/turns.ts';
import { STOP } from '../../../lib/explore/world.ts';

describe('takeTurns', () => {
  it('takes the next actor, and after the last one the first', () => {
    const choices = [0, onCpu(1, 1), 3];
    const all: number[] = [];
    for (const last of [-1, 0, 1, 2, 3]) all.push(takeTurns({ choices, last }));
    expect(all).to.deep.equal([0, onCpu(1, 1), 3, 3, 0]);
    expect(takeTurns({ choices: [], last: 0 })).to.equal(STOP);
  });
});
