import { expect } from 'chai';
import { WrongBytesError, allBytes, sameBytes } from 'scatterlist/ports';

describe('sameBytes', () => {
  it('tells how many are right; there may be more', () => {
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3), 'the page')).to.deep.equal({
      verifiedBytes: 2,
    });
  });

  it('names the first wrong one', () => {
    expect(() => sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 255), 'the page')).to.throw(
      WrongBytesError,
      'byte 1 of the page is 0xff instead of 0x02',
    );
  });

  it('names what is missing', () => {
    expect(() => sameBytes(new Uint8Array(3), new Uint8Array(2), 'the page')).to.throw(
      'the page has 2 bytes instead of 3',
    );
  });
});

describe('allBytes', () => {
  it('takes no less than was to be moved', () => {
    expect(allBytes(8, 8)).to.deep.equal({ verifiedBytes: 8 });
    expect(() => allBytes(8, 7)).to.throw(WrongBytesError, '7 bytes were moved instead of 8');
  });
});
