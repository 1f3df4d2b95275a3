import { expect } from 'chai';
import { areSurelyEqual, fillBytes, forPlainArrays, setBytes } from '../../lib/base/bytes.ts';

describe('bytes', () => {
  it('are set where the offset says, of any kind of byte array', () => {
    const target = new Uint8Array(5).fill(9);
    setBytes(target, Buffer.from([1, 2]), 2);
    expect([...target]).to.deep.equal([9, 9, 1, 2, 9]);
    const part = target.subarray(3);
    setBytes(part, Uint8Array.of(7), 0);
    expect([...target]).to.deep.equal([9, 9, 1, 7, 9]);
    expect(() => {
      setBytes(target, Uint8Array.of(1, 2), 4);
    }).to.throw(RangeError);
  });

  it('move onto themselves as memmove does', () => {
    const target = Uint8Array.of(1, 2, 3, 4);
    setBytes(target, target.subarray(0, 3), 1);
    expect([...target]).to.deep.equal([1, 1, 2, 3]);
  });

  it('are surely equal where each is, seen by the memcmp of Node', () => {
    const some = Uint8Array.of(1, 2, 3, 4);
    expect(areSurelyEqual(some.subarray(1), Uint8Array.of(2, 3, 4))).to.equal(true);
    expect(areSurelyEqual(some, Uint8Array.of(1, 2, 3, 5))).to.equal(false);
    expect(areSurelyEqual(new Uint8Array(0), new Uint8Array(0))).to.equal(true);
  });

  it('are not compared by a host that has no comparison, or one that refuses plain arrays', () => {
    const refuses = (): boolean => {
      throw new TypeError('Argument must be a Buffer');
    };
    const isNode = (): boolean => true;
    expect([undefined, refuses, () => false, isNode].map((equals) => forPlainArrays(equals))).to.deep.equal([
      undefined,
      undefined,
      undefined,
      isNode,
    ]);
  });

  it('become one value', () => {
    const target = Uint8Array.of(1, 2, 3);
    fillBytes(target.subarray(1), 0x1ff);
    expect([...target]).to.deep.equal([1, 0xff, 0xff]);
  });
});
