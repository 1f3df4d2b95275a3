import { expect } from 'chai';
import { Cannot, cannot } from 'scatterlist/lab';

describe('cannot', () => {
  it('keeps the reason', () => {
    expect(cannot('no token')).to.be.instanceOf(Cannot).and.to.have.property('reason', 'no token');
  });
});
