import { expect } from 'chai';
import { Execution, STOP, runSchedule } from 'scatterlist/explore';
import type { Strategy } from 'scatterlist/explore';
import { steps } from './programs.ts';

function strategy(stopAfter: number): Strategy & { ends: number } {
  let chosen = 0;
  return {
    name: 'test',
    states: 0,
    progress: undefined,
    ends: 0,
    begin: () => true,
    choose: ({ choices }) => {
      chosen += 1;
      return chosen > stopAfter ? STOP : (choices[0] ?? STOP);
    },
    end() {
      this.ends += 1;
    },
  };
}

describe('runSchedule', () => {
  it('goes on while there are choices, or until the strategy stops', () => {
    const all = strategy(Infinity);
    expect(runSchedule(new Execution(steps(1, 1)), all)).to.equal('finished');
    const part = strategy(2);
    const world = new Execution(steps(1, 1));
    expect(runSchedule(world, part)).to.equal('pruned');
    expect(world.schedule).to.deep.equal([0, 0]);
    expect([all.ends, part.ends]).to.deep.equal([1, 1]);
  });
});
