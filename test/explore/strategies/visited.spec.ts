import { expect } from 'chai';
import { OwnStates } from '../../../lib/explore/strategies/visited.ts';

describe('OwnStates', () => {
  it('keeps of each state what no visit has tried', () => {
    const states = new OwnStates();
    expect(states.enter(7, [0, 1], [2, 3])).to.deep.equal([0, 1]);
    expect(states.enter(7, [0, 2, 3], [])).to.deep.equal([2, 3]);
    expect(states.enter(7, [0, 2, 3], [])).to.deep.equal([]);
    expect(states.enter(8, [1], [])).to.deep.equal([1]);
    expect(states.size).to.equal(2);
  });
});
