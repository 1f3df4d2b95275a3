import { expect } from 'chai';
import fc from 'fast-check';
import { SgDmaPageIter, SgPageIter, mappedNents, origNents } from 'scatterlist';
import type { SgOptions } from 'scatterlist';
import { PAGE, addressesOf, anyList, list, machine } from './sg-fixture.ts';

const COMPATIBLE = { semantics: 'compatible' } as const;

function pfns(sgl: ReturnType<typeof list>, nents: number, from = 0, how: SgOptions = {}): readonly number[] {
  const iter = new SgPageIter(sgl, origNents(nents), from, how);
  const found = [];
  while (iter.next()) found.push(iter.page.pfn);
  return found;
}

function addresses(entry: readonly number[], from = 0, how: SgOptions = {}): readonly number[] {
  const iter = new SgDmaPageIter(list([entry]), mappedNents(1), from, how);
  const found = [];
  while (iter.next()) found.push(iter.address);
  return found;
}

describe('SgPageIter', () => {
  it('visits the pages that hold bytes, once for each entry', () => {
    fc.assert(
      fc.property(anyList, fc.nat({ max: 6 }), fc.nat({ max: 9 }), ({ entries, chunks }, from, nents) => {
        const oracle = entries
          .slice(0, nents)
          .flatMap((entry) => [
            ...new Set(addressesOf(list([entry])).map((address) => Math.floor(address / PAGE))),
          ]);
        expect(pfns(list(entries, chunks), nents, from)).to.deep.equal(oracle.slice(from));
      }),
    );
  });

  it('counts from the page the entry is set to', () => {
    const iter = new SgPageIter(list([[3, 2 * PAGE + 1, PAGE]]), origNents(1));
    expect(iter.next()).to.be.true;
    expect([iter.page.pfn, iter.sgPgoffset, iter.sg?.page?.pfn]).to.deep.equal([5, 2, 3]);
  });

  it('begins with the data (strict), or with pages before it (compatible)', () => {
    const sgl = () => list([[10, 3 * PAGE + 50, 5000]]);
    expect(pfns(sgl(), 1)).to.deep.equal([13, 14]);
    expect(pfns(sgl(), 1, 0, COMPATIBLE)).to.deep.equal([10, 11, 12, 13, 14]);
  });

  it('passes over an empty entry (strict), or visits its page (compatible)', () => {
    const sgl = () =>
      list([
        [10, 50, 0],
        [20, 0, 1],
      ]);
    expect(pfns(sgl(), 2)).to.deep.equal([20]);
    expect(pfns(sgl(), 2, 0, COMPATIBLE)).to.deep.equal([10, 20]);
  });

  it('keeps the kind of the pages, and needs a page', () => {
    const iter = new SgPageIter<'lowmem'>(null, origNents(1));
    expect(iter.next()).to.be.false;
    expect(() => iter.page).to.throw(RangeError);
  });

  it('takes no count of device segments', () => {
    // @ts-expect-error the segments of the device are not the entries of the CPU
    expect(new SgPageIter(list([[1, 0, 1]]), mappedNents(1)).next()).to.be.true;
  });
});

describe('SgDmaPageIter', () => {
  it('visits the pages of a segment by bus address', () => {
    expect(addresses([1, 0, 3 * PAGE, 0x10000, 3 * PAGE])).to.deep.equal([0x10000, 0x11000, 0x12000]);
    expect(addresses([1, 0, 3 * PAGE, 0x10000, 3 * PAGE], 2)).to.deep.equal([0x12000]);
  });

  it('visits each page the segment touches (strict), or adds whole pages to its address (compatible)', () => {
    const entry = [1, 0x100, PAGE, 0x10100, PAGE];
    expect(addresses(entry)).to.deep.equal([0x10100, 0x11000]);
    expect(addresses(entry, 0, COMPATIBLE)).to.deep.equal([0x10100, 0x11100]);
    // The offset of the CPU says nothing about a segment that begins elsewhere in its page.
    const moved = [1, 0x100, PAGE, 0x10000, PAGE];
    expect(addresses(moved)).to.deep.equal([0x10000]);
    expect(addresses(moved, 0, COMPATIBLE)).to.deep.equal([0x10000, 0x11000]);
  });

  it('has no page to ask for', () => {
    const iter = new SgDmaPageIter(null, mappedNents(0));
    // @ts-expect-error a bus address has no page
    expect(iter.page).to.equal(undefined);
    expect(() => iter.address).to.throw(RangeError);
    expect(machine.violations).to.deep.equal([]);
  });
});
