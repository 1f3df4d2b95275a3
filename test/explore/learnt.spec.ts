import { expect } from 'chai';
import { Hash } from '../../lib/base/hash.ts';
import { Learnt } from '../../lib/explore/learnt.ts';

describe('Learnt', () => {
  it('is the hash of what was added, and another one with the addresses in the pool', () => {
    const learnt = new Learnt();
    learnt.add(3).addPlace(7);
    expect(learnt.value).to.equal(new Hash().add(3).value);
    const other = new Learnt();
    other.add(3).addPlace(8);
    expect(other.value).to.equal(learnt.value);
    expect(other.withPlaces).not.to.equal(learnt.withPlaces);
    learnt.reset().add(3);
    expect(learnt.withPlaces).to.equal(learnt.value);
  });
});
