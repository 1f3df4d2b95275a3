import { expect } from 'chai';
import fc from 'fast-check';
import { Reader } from '../../../lib/c/wasm/reader.ts';
import { leb } from './assemble.ts';

/** LEB128 with a sign. */
function signedLeb(value: bigint): readonly number[] {
  const byte = Number(value & 0x7fn);
  const rest = value >> 7n;
  const isLast = (rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40);
  return isLast ? [byte] : [byte | 0x80, ...signedLeb(rest)];
}

describe('Reader', () => {
  it('reads what LEB128 holds, with and without a sign', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 31 - 1 })), (values) => {
        const reader = new Reader(Uint8Array.from(values.flatMap(leb)));
        for (const value of values) expect(reader.unsigned()).to.equal(value);
        expect(reader.done).to.equal(true);
      }),
    );
    expect(new Reader(Uint8Array.from(leb(2 ** 53 - 1))).unsigned()).to.equal(2 ** 53 - 1);
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(new Reader(Uint8Array.from(signedLeb(value))).signed()).to.equal(value);
      }),
    );
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(new Reader(Uint8Array.from(signedLeb(BigInt(value)))).signed32()).to.equal(value);
      }),
    );
  });

  it('reads numbers of fixed length, texts and lists, from one place to another', () => {
    const bytes = Uint8Array.from([
      9, 0xff, 0x34, 0x12, 1, 2, 3, 4, 2, 0x68, 0x69, 0x6f, 0x6b, 0, 2, 7, 8, 99,
    ]);
    const reader = new Reader(bytes, 1, 17);
    expect([reader.i8(), reader.u16(), reader.u32()]).to.deep.equal([-1, 0x1234, 0x04030201]);
    expect([reader.name(), reader.text()]).to.deep.equal(['hi', 'ok']);
    expect(reader.list((r, i) => [i, r.u8()])).to.deep.equal([
      [0, 7],
      [1, 8],
    ]);
    expect(reader.done).to.equal(true);
  });
});
