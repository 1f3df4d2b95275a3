import { expect } from 'chai';
import { PageTableArea, Tlb } from '../../lib/machine/tlb.ts';

describe('PageTableArea', () => {
  it('tells frame 0 from nothing', () => {
    const area = new PageTableArea(4);
    expect([area.pages, area.get(2)]).to.deep.equal([4, -1]);
    area.set(2, 0);
    expect([area.get(2), area.get(9)]).to.deep.equal([0, -1]);
    area.clear(2);
    expect(area.get(2)).to.equal(-1);
  });
});

describe('Tlb', () => {
  it('keeps an entry until it is told to drop it', () => {
    const tlb = new Tlb();
    tlb.fill(8192, 5);
    tlb.fill(4096, 4);
    tlb.fill(12288, 6);
    expect([tlb.lookup(8192), tlb.lookup(0)]).to.deep.equal([5, undefined]);
    expect(tlb.entries()).to.deep.equal([
      [4096, 4],
      [8192, 5],
      [12288, 6],
    ]);
    tlb.flushRange(8192, 12288);
    expect([tlb.lookup(4096), tlb.lookup(8192), tlb.lookup(12288)]).to.deep.equal([4, undefined, 6]);
    tlb.flushPage(4096);
    tlb.flushPage(12288);
    expect(tlb.isEmpty).to.equal(true);
  });
});
