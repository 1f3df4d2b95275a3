import { expect } from 'chai';
import { UNLIMITED } from '../../../lib/scatterlist/list/sg-allocator.ts';

describe('UNLIMITED', () => {
  it('is never short of memory', () => {
    const array = UNLIMITED.allocate('page', 128);
    expect(array?.slots).to.equal(128);
    expect(UNLIMITED.reserve(1e9)).to.be.true;
    UNLIMITED.release(1e9);
    if (array !== undefined) UNLIMITED.free('page', array, 128);
  });
});
