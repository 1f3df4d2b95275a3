import { expect } from 'chai';
import fc from 'fast-check';
import {
  SgDmaPageIter,
  SgPageIter,
  createMachine,
  dmaAddr,
  mappedNents,
  origNents,
  sgInitTable,
  sgSetDma,
  sgSetPage,
} from 'scatterlist';
import type { SgOptions } from 'scatterlist';
import { PAGE, addressesOf, anyList, list, machine } from '../sg-fixture.ts';

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

  it('cuts pages as large as those of the list, of the machine, or of Linux', () => {
    const small = createMachine({ pageSize: 256 });
    const array = sgInitTable<'lowmem'>(1);
    sgSetPage(array.entry(0), small.allocPages(4, { zone: 'lowmem' })[0]!, 1000, 0);
    expect(pfns(array.entry(0), 1)).to.have.length(4);
    const deviceOnly = sgInitTable(1).entry(0);
    sgSetDma(deviceOnly, dmaAddr(0x10000), 4096);
    const count = (how: SgOptions): number => {
      const iter = new SgDmaPageIter(deviceOnly, mappedNents(1), 0, how);
      let steps = 0;
      while (iter.next()) steps += 1;
      return steps;
    };
    expect([count({ machine: small }), count({ machine }), count({})]).to.deep.equal([16, 1, 1]);
  });

  it('takes counts only, of entries and of pages', () => {
    const sgl = list([[1, 0, 2 * PAGE]]);
    for (const bad of [-1, 1.5, NaN]) {
      for (const make of [
        () => new SgPageIter(sgl, origNents(bad)),
        () => new SgDmaPageIter(sgl, mappedNents(bad)),
      ])
        expect(make).to.throw(RangeError, `nents is ${String(bad)}`);
      for (const make of [
        () => new SgPageIter(sgl, origNents(1), bad),
        () => new SgDmaPageIter(sgl, mappedNents(1), bad),
      ])
        expect(make).to.throw(RangeError, `pageOffset is ${String(bad)}`);
    }
    expect(pfns(sgl, Infinity)).to.deep.equal([1, 2]);
    expect(pfns(sgl, 0)).to.deep.equal([]);
    expect([1, 2, 3].map((from) => pfns(sgl, 1, from))).to.deep.equal([[2], [], []]);
  });

  it('stays at the end once it is there', () => {
    const iter = new SgPageIter(list([[3, 0, 1]]), origNents(1));
    expect([iter.next(), iter.next(), iter.next()]).to.deep.equal([true, false, false]);
    const device = new SgDmaPageIter(list([[3, 0, 1, 0x5000, 1]]), mappedNents(1));
    expect([device.next(), device.sg?.slot, device.sgPgoffset, device.next(), device.next()]).to.deep.equal([
      true,
      0,
      0,
      false,
      false,
    ]);
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
