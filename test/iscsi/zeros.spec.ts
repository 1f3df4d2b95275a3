import { expect } from 'chai';
import { isZeros } from '../../examples/iscsi-target/image/zeros.ts';

const PIECE = 256 * 1024;

describe('isZeros', () => {
  it('is true for zeros of any length', () => {
    for (const length of [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 3])
      expect(isZeros(new Uint8Array(length)), String(length)).to.equal(true);
  });

  it('is false where one byte is not 0, at the start, at the end and at the edges of pieces', () => {
    for (const at of [0, PIECE - 1, PIECE, 2 * PIECE - 1, 2 * PIECE, 2 * PIECE + 2]) {
      const bytes = new Uint8Array(2 * PIECE + 3);
      bytes[at] = 1;
      expect(isZeros(bytes), String(at)).to.equal(false);
    }
  });
});
