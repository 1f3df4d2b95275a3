import { expect } from 'chai';
import fc from 'fast-check';
import { firstDifference } from '../../../lib/scatterlist/copy/first-difference.ts';

describe('firstDifference', () => {
  it('finds the first byte that differs, however long and however aligned', () => {
    const place = fc.record({
      length: fc.integer({ min: 1, max: 600 }),
      offsets: fc.tuple(fc.nat(5), fc.nat(5)),
      at: fc.nat(600),
    });
    fc.assert(
      fc.property(place, ({ length, offsets, at }) => {
        const [a, b] = offsets.map((offset) =>
          Uint8Array.from({ length: offset + length }, (_, i) => (i - offset) * 7).subarray(offset),
        ) as [Uint8Array, Uint8Array];
        expect(firstDifference(a, b)).to.equal(-1);
        const index = at % length;
        b[index]! ^= 1;
        if (index + 1 < length) b[index + 1]! ^= 255;
        expect(firstDifference(a, b)).to.equal(index);
      }),
    );
  });

  it('finds nothing in nothing', () => {
    expect(firstDifference(new Uint8Array(0), new Uint8Array(0))).to.equal(-1);
  });
});
