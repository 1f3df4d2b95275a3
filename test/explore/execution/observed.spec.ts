import { expect } from 'chai';
import { Observed } from '../../../lib/explore/execution/observed.ts';

const MAPPED = { resource: 1, frames: [4], pool: undefined, mayBeTaken: false };

/** All that it tells. */
function told(observed: Observed): unknown {
  return {
    allocated: [...observed.allocated],
    dirty: [...observed.dirty],
    atomics: [...observed.atomics],
    history: observed.history.value,
    poolUsed: observed.poolUsed,
    hasHidden: observed.hasHidden,
    mapped: observed.mapped(9),
  };
}

describe('Observed', () => {
  it('goes back to what it was at a moment', () => {
    const observed = new Observed(true);
    observed.allocates(4, 11);
    observed.setsAtomic(1, 5);
    const now = observed.now;
    const then = told(observed);
    observed.frees(4);
    observed.allocates(6, 11);
    observed.writes(4);
    observed.setsAtomic(1, 6);
    observed.setsAtomic(2, 6);
    observed.history.add(3);
    observed.poolUsed = true;
    observed.hasHidden = true;
    observed.maps(9, MAPPED);
    expect(observed.nextOrdinal('a')).to.equal(1);
    expect(told(observed)).to.not.deep.equal(then);
    observed.goBackTo(now);
    expect(told(observed)).to.deep.equal(then);
    expect(observed.nextOrdinal('a')).to.equal(1);
    expect(observed.nextOrdinal('a')).to.equal(2);
  });

  it('hashes a page once for each time that it changes, and knows after going back what it knew then', () => {
    const observed = new Observed(true);
    let content = 100;
    const hashes: number[] = [];
    const look = (): number =>
      observed.contentOf(4, () => {
        hashes.push(content);
        return content;
      });
    observed.writes(4);
    const unhashed = observed.now;
    expect([look(), look()]).to.deep.equal([100, 100]);
    const hashed = observed.now;
    observed.writes(4);
    content = 200;
    expect(look()).to.equal(200);
    observed.goBackTo(hashed);
    content = 100;
    expect(look()).to.equal(100);
    expect(hashes).to.deep.equal([100, 200]);
    // What it held before it was hashed, it may not hold any more.
    observed.goBackTo(unhashed);
    content = 50;
    expect(look()).to.equal(50);
  });

  it('knows the bytes of a page that was allocated', () => {
    const observed = new Observed(false);
    observed.allocates(4, 11);
    expect(observed.contentOf(4, () => 0)).to.equal(11);
  });
});
