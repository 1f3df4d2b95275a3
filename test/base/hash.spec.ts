import { expect } from 'chai';
import fc from 'fast-check';
import { Hash } from '../../lib/base/hash.ts';

const of = (...numbers: readonly number[]): number => {
  const hash = new Hash();
  for (const n of numbers) hash.add(n);
  return hash.value;
};

describe('Hash', () => {
  it('tells small sequences apart', () => {
    const seen = new Set<number>();
    for (let a = -20; a < 80; a += 1) for (let b = 0; b < 100; b += 1) seen.add(of(a, b));
    expect(seen.size).to.equal(10_000);
  });

  it('depends on order, length and content, and on nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const [x, y] = [new Hash().addBytes(a).value, new Hash().addBytes(b).value];
        expect(x === y).to.equal(Buffer.compare(a, b) === 0);
        expect(new Hash().add(5).reset().addBytes(a).value).to.equal(x);
      }),
    );
    const sparse = fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 12 });
    const words = (some: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(some).buffer);
    fc.assert(
      fc.property(sparse, sparse, (a, b) => {
        for (const make of [words, (some: readonly number[]) => Uint8Array.from([9, ...some]).subarray(1)])
          expect(new Hash().addBytes(make(a)).value === new Hash().addBytes(make(b)).value).to.equal(
            a.join() === b.join(),
          );
      }),
    );
    expect(of(1, 2)).to.not.equal(of(2, 1));
    expect(of(2 ** 40)).to.not.equal(of(0));
    expect(Number.isSafeInteger(of(1, 2, 3))).to.equal(true);
  });

  it('does not change by accident: numbers of states are compared over versions', () => {
    const bytes = Uint8Array.from({ length: 11 }, (_, i) => i * 7);
    const hashes = [
      new Hash(),
      new Hash().add(1),
      new Hash().add(-1),
      new Hash().add(2 ** 40 + 5),
      new Hash().add(1.5),
      new Hash().addText('state'),
      new Hash().addBytes(bytes),
      new Hash().addBytes(bytes.subarray(1)),
      new Hash().addBytes(new Uint8Array(0)),
      new Hash().addBytes(new Uint8Array(4096)),
    ];
    expect(hashes.map(({ value }) => value)).to.deep.equal([
      1311407115301117, 2208748655623345, 1792029969390225, 5982047114351404, 6342798244658784,
      7457140363547377, 1746241650942286, 2981793107750776, 6177181615091881, 7662841517191215,
    ]);
  });

  it('takes bytes at any word of a buffer for the same, and of none', () => {
    const buffer = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 16);
    for (const length of [0, 1, 3, 4, 5, 8, 11]) {
      const at = [4, 8, 12].map((offset) => {
        buffer.set(
          Uint8Array.from({ length }, (_, i) => 200 + i),
          offset,
        );
        return new Hash().addBytes(buffer.subarray(offset, offset + length)).value;
      });
      const alone = new Hash().addBytes(Uint8Array.from({ length }, (_, i) => 200 + i)).value;
      expect(new Set([...at, alone]).size, String(length)).to.equal(1);
    }
    for (const offset of [1, 2, 3]) new Hash().addBytes(buffer.subarray(offset, offset + 9));
  });

  it('adds any whole number up to 2^53 as it is, others by their text', () => {
    const numbers = [
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 52,
      2 ** 53 - 1,
      -(2 ** 31),
      -(2 ** 31) - 1,
    ];
    expect(new Set(numbers.map((n) => of(n))).size).to.equal(numbers.length);
    for (const n of [2 ** 53, 0.5, NaN, -Infinity])
      expect(of(n)).to.equal(new Hash().addText(String(n)).value);
    expect(of(2 ** 31 - 1)).to.not.equal(new Hash().addText(String(2 ** 31 - 1)).value);
  });

  it('hashes text by its characters', () => {
    expect(new Hash().addText('ab').value).to.not.equal(new Hash().addText('ba').value);
    expect(of(1.5)).to.not.equal(of(2.5));
  });
});
