import { expect } from 'chai';
import { crc32c, digestBytes } from '../../examples/drivers/crc32c.ts';

const DIGITS = new TextEncoder().encode('123456789');

describe('CRC-32C', () => {
  it('has the known digests of RFC 3720', () => {
    expect(crc32c(DIGITS)).to.equal(0xe306_9283);
    expect(crc32c(new Uint8Array())).to.equal(0);
    expect([...digestBytes(crc32c(new Uint8Array(32)))]).to.deep.equal([0xaa, 0x36, 0x91, 0x8a]);
    expect([...digestBytes(crc32c(new Uint8Array(32).fill(0xff)))]).to.deep.equal([0x43, 0xab, 0xa8, 0x62]);
  });

  it('goes on from an earlier digest', () => {
    for (let at = 0; at <= DIGITS.length; at += 1)
      expect(crc32c(DIGITS.subarray(at), crc32c(DIGITS.subarray(0, at)))).to.equal(0xe306_9283);
  });
});
