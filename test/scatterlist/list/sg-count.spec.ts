import { expect } from 'chai';
import {
  createMachine,
  mappedNents,
  origNents,
  sgLast,
  sgNents,
  sgNentsForDma,
  sgNentsForLen,
  sgNext,
} from 'scatterlist';
import { list } from '../sg-fixture.ts';

const COMPATIBLE = { semantics: 'compatible' } as const;
const two = () =>
  list(
    [
      [1, 0, 10],
      [2, 0, 10],
    ],
    [1, 1],
  );
const mapped = () =>
  list([
    [3, 0, 4096, 4096, 4096],
    [4, 0, 100, 8192, 100],
    [5, 0, 9000, 12288, 9000],
  ]);

describe('counting entries', () => {
  it('walks to the end mark, over chains', () => {
    expect(sgNents(two())).to.equal(2);
    expect(sgNents(null)).to.equal(0);
  });

  it('finds the fewest entries for a length', () => {
    const counts = [0, 10, 11, 20].map((bytes) => sgNentsForLen(two(), bytes));
    expect(counts).to.deep.equal([0, 1, 2, 2].map((value) => ({ ok: true, value })));
    expect(sgNentsForLen(two(), 21)).to.deep.equal({
      ok: false,
      error: { code: 'OutOfRange', haveBytes: 20, wantBytes: 21 },
    });
    expect(sgNentsForLen(two(), 2n ** 64n - 1n).ok).to.be.false;
  });

  describe('sgNentsForDma', () => {
    const count = (nents: number, most: number | bigint, how = {}) =>
      sgNentsForDma(mapped(), mappedNents(nents), most, how);

    it('rounds up each segment, by the length of the device', () => {
      expect(count(3, 4096)).to.deep.include({ value: 1 + 1 + 3 });
      expect(count(2, 100)).to.deep.include({ value: 41 + 1 });
    });

    it('takes no count of CPU entries', () => {
      // @ts-expect-error the entries of the CPU are not the segments of the device
      expect(sgNentsForDma(mapped(), origNents(3), 4096).ok).to.be.true;
    });

    it('refuses pieces of no bytes', () => {
      for (const how of [{}, COMPATIBLE])
        expect(count(3, 0, how)).to.have.nested.property('error.code', 'InvalidArgument');
    });

    it('is exact (strict), or wraps as in C (compatible)', () => {
      expect(count(3, 2n ** 64n - 1n)).to.deep.include({ value: 3 });
      expect(count(3, 2n ** 64n - 1n, COMPATIBLE)).to.deep.include({ value: 0 });
      const big = list([[3, 0, 1, 4096, 2 ** 32 - 1]]);
      expect(sgNentsForDma(big, mappedNents(1), 2)).to.deep.include({ value: 2 ** 31 });
      expect(sgNentsForDma(big, mappedNents(1), 2, COMPATIBLE)).to.deep.include({ value: -(2 ** 31) });
    });
  });

  describe('sgLast', () => {
    it('answers the entry with the end mark', () => {
      const sgl = two();
      expect(sgLast(sgl, 2)).to.deep.equal({ ok: true, value: sgNext(sgl!) });
    });

    it('refuses any other count', () => {
      for (const nents of [0, 1, 3])
        expect(sgLast(two(), nents), String(nents)).to.have.nested.property('error.code', 'InvalidArgument');
    });

    it('says how many entries there are', () => {
      for (const nents of [0, 1, 3])
        expect(sgLast(two(), nents)).to.deep.equal({
          ok: false,
          error: {
            code: 'InvalidArgument',
            argument: 'nents',
            got: nents,
            expected: 'the entries of the list (2)',
          },
        });
    });

    it('stops the driver where there is a machine', () => {
      const machine = createMachine({ onViolation: 'record' });
      expect(() => sgLast(two(), 1, { machine })).to.throw(/sg-not-last/);
    });
  });
});
