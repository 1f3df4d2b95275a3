import { expect } from 'chai';
import { AddressMap } from '../../lib/machine/address-map.ts';
import { KernelPageTable, PageTableArea, Tlb } from '../../lib/machine/tlb.ts';

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

describe('KernelPageTable', () => {
  const map = new AddressMap({
    pageSize: 4096,
    lowmemPages: 8,
    pkmapSlots: 4,
    localSlots: 6,
    vmallocPages: 5,
  });

  it('finds the first and the last page of each area, and no area one page further', () => {
    const table = new KernelPageTable(map);
    const found = (vaddr: number): unknown => {
      const at = table.locate(vaddr);
      return at === undefined ? undefined : [at.area, at.index];
    };
    const areas = [
      ['vmalloc', map.vmallocStart, 5, 0],
      ['pkmap', map.pkmapBase, 4, 0],
      // Slots of a CPU grow downwards.
      ['local', map.local(5), 6, 5],
    ] as const;
    for (const [area, start, pages, first] of areas) {
      const last = start + (pages - 1) * 4096;
      expect([found(start), found(start + 4095)], area).to.deep.equal([
        [area, first],
        [area, first],
      ]);
      expect(found(last + 4095), area).to.deep.equal([area, first === 0 ? pages - 1 : 0]);
    }
    expect([map.vmallocStart - 1, map.pkmapBase - 1, map.fixmapTop + 4096].map(found)).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    // A page of hole lies between the two.
    expect([4, 5].map((pages) => found(map.pkmapBase + pages * 4096))).to.deep.equal([
      undefined,
      ['local', 5],
    ]);
  });

  it('has one entry for each page of an area, and tells the areas apart', () => {
    const table = new KernelPageTable(map);
    expect([table.local.pages, table.pkmap.pages, table.vmalloc.pages]).to.deep.equal([6, 4, 5]);
    table.pkmap.set(3, 7);
    table.vmalloc.set(3, 0);
    const at = (['local', 'pkmap', 'vmalloc'] as const).map((area) => table.entry({ area, index: 3 }));
    expect(at).to.deep.equal([-1, 7, 0]);
  });

  it('finds each address that leads to a frame', () => {
    const table = new KernelPageTable(map);
    const found = (pfn: number): unknown =>
      table.mapsOf(pfn).map((at) => [at.area, at.index, map.pageBase(table.addressOf(at))]);
    table.local.set(5, 7);
    table.pkmap.set(0, 7);
    table.pkmap.set(2, 7);
    expect(found(7)).to.deep.equal([
      ['local', 5, map.local(5)],
      ['pkmap', 0, map.pkmap(0)],
      ['pkmap', 2, map.pkmap(2)],
    ]);
    table.vmalloc.set(4, 0);
    expect([found(0), found(8)]).to.deep.equal([[['vmalloc', 4, map.vmalloc(4)]], []]);
  });
});
