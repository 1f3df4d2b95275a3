import { expect } from 'chai';
import { SgArray, sgChain, sgSetPage } from 'scatterlist';
import { SG_END } from '../../lib/scatterlist/sg-array.ts';
import { page } from './sg-fixture.ts';

describe('SgArray', () => {
  it('has one pointer object for each slot', () => {
    const array = new SgArray(4);
    expect(array.entry(2)).to.equal(array.entry(2));
    expect(array.entry(2)).to.not.equal(array.entry(3));
  });

  for (const slots of [1, 16, 17, 128, 5000]) {
    it(`keeps ${String(slots)} slots apart from those of other arrays`, () => {
      const arrays = [0, 1, 2].map(() => new SgArray(slots));
      for (const [i, array] of arrays.entries()) {
        array.offsets.fill(i + 1);
        array.lengths.fill(10 * (i + 1));
        array.marks.fill(SG_END * i);
      }
      for (const [i, array] of arrays.entries()) {
        expect(new Set(array.offsets)).to.deep.equal(new Set([i + 1]));
        expect(new Set(array.lengths)).to.deep.equal(new Set([10 * (i + 1)]));
        expect(new Set(array.marks)).to.deep.equal(new Set([SG_END * i]));
        expect([
          array.offsets.length,
          array.lengths.length,
          array.marks.length,
          array.pages.length,
        ]).to.deep.equal([slots, slots, slots, slots]);
      }
    });
  }

  it('begins empty, also behind arrays that were filled', () => {
    for (let i = 0; i < 100; i += 1) {
      const array = new SgArray(100);
      expect(array.offsets.every((n) => n === 0) && array.marks.every((n) => n === 0)).to.be.true;
      array.offsets.fill(9);
      array.marks.fill(9);
    }
  });

  it('clears the first slots and no others', () => {
    const array = new SgArray<'lowmem'>(3);
    for (const slot of [0, 1, 2]) sgSetPage(array.entry(slot), page(slot + 1), 10, 20);
    array.dma.lengths.fill(7);
    array.clear(2);
    expect(array.pages.map((p) => p?.pfn)).to.deep.equal([undefined, undefined, 3]);
    expect([...array.lengths]).to.deep.equal([0, 0, 10]);
    expect([...array.dma.lengths]).to.deep.equal([0, 0, 7]);
  });

  it('has DMA fields and links only where something was set', () => {
    const array = new SgArray(2);
    expect(array.dmaIfMapped).to.equal(undefined);
    expect(array.linkAt(1)).to.equal(undefined);
    sgChain(array, 2, array.entry(0));
    expect(array.linkAt(1)).to.equal(array.entry(0));
    expect(array.dma).to.equal(array.dmaIfMapped);
  });
});
