import { expect } from 'chai';
import { errnoOf } from 'scatterlist';

describe('errnoOf', () => {
  it('answers the number that Linux returns', () => {
    expect(errnoOf({ code: 'InvalidArgument', argument: 'n', got: 0, expected: '1' })).to.equal(-22);
    expect(errnoOf({ code: 'OutOfRange', haveBytes: 1, wantBytes: 2 })).to.equal(-22);
    expect(errnoOf({ code: 'NoMemory', wanted: 1, available: 0 })).to.equal(-12);
    expect(errnoOf({ code: 'NotSupported', operation: 'chaining' })).to.equal(-95);
  });
});
