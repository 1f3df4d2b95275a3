import { expect } from 'chai';
import { checkDeterminism } from 'scatterlist/explore';
import { counter } from './programs.ts';

describe('checkDeterminism', () => {
  it('has nothing to say of a program whose state is its own', () => {
    expect(checkDeterminism(counter(true))).to.equal(undefined);
  });

  it('finds state that outlives a run', () => {
    let runs = 0;
    const found = checkDeterminism({
      setup: () => ({ seen: { runs: 0 } }),
      tasks: {
        *leaky({ seen }) {
          runs += 1;
          yield;
          seen.runs = runs;
        },
      },
    });
    expect(found?.kind).to.equal('nondeterministic');
    expect(found?.what).to.match(/differs/);
  });
});
