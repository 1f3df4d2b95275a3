import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError } from 'scatterlist';
import { AddressMap } from '../../lib/machine/address-map.ts';
import { KernelPageTable } from '../../lib/machine/tlb.ts';

const sizes = fc.record({
  pageSize: fc.constantFrom(256, 4096, 16384),
  lowmemPages: fc.nat(8192),
  pkmapSlots: fc.integer({ min: 1, max: 1024 }),
  localSlots: fc.integer({ min: 2, max: 128 }),
  vmallocPages: fc.nat(8192),
});

describe('AddressMap', () => {
  it('lies as on 32-bit x86', () => {
    const map = new AddressMap({
      pageSize: 4096,
      lowmemPages: 4096,
      pkmapSlots: 1024,
      localSlots: 32,
      vmallocPages: 24576,
    });
    const at = [map.direct(0), map.directEnd, map.local(0), map.local(1), map.pkmap(0), map.vmalloc(0)];
    expect(at).to.deep.equal([
      0xc000_0000,
      0xc100_0000,
      0xffff_f000,
      0xffff_e000,
      0xffff_f000 - 1056 * 4096,
      0xffff_f000 - 1056 * 4096 - 24577 * 4096,
    ]);
    expect(map.pageBase(0xffff_e123)).to.equal(0xffff_e000);
  });

  it('keeps its areas apart, with a hole between one and the next', () => {
    fc.assert(
      fc.property(sizes, (given) => {
        const map = new AddressMap(given);
        const page = given.pageSize;
        const areas: readonly (readonly [from: number, to: number])[] = [
          [map.pageOffset, map.directEnd],
          [map.vmallocStart, map.vmallocStart + given.vmallocPages * page],
          [map.pkmapBase, map.pkmapBase + given.pkmapSlots * page],
          [map.local(given.localSlots - 1), map.local(0) + page],
        ];
        for (const [i, [from, to]] of areas.entries()) {
          expect(from).to.be.at.most(to);
          if (i > 0) expect(from).to.be.at.least(areas[i - 1]![1] + page);
        }
      }),
    );
  });

  it('finds back every page of every area', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(255), (given, n, inPage) => {
        const map = new AddressMap(given);
        const table = new KernelPageTable(map);
        const check = (area: 'local' | 'pkmap' | 'vmalloc', index: number): Chai.Assertion =>
          expect(table.locate(map[area](index) + inPage)).to.deep.equal({ area, index });
        check('local', n % given.localSlots);
        check('pkmap', n % given.pkmapSlots);
        if (given.vmallocPages > 0) check('vmalloc', n % given.vmallocPages);
        for (const outside of [map.pageOffset, map.fixmapTop + given.pageSize, map.pkmapBase - 1])
          expect(table.locate(outside)).to.equal(undefined);
      }),
    );
  });

  it('goes far up where lowmem is larger than 32 bits have room for', () => {
    const large = { pageSize: 4096, pkmapSlots: 1, localSlots: 2, vmallocPages: 0 };
    expect(new AddressMap({ ...large, lowmemPages: 229_376 }).pageOffset).to.equal(0xc000_0000);
    const map = new AddressMap({ ...large, lowmemPages: 2 ** 24 });
    expect([map.pageOffset, map.directEnd - map.pageOffset]).to.deep.equal([0xff88_0000_0000, 2 ** 36]);
  });

  it('refuses an area inside another, with the numbers', () => {
    const make = (): AddressMap =>
      new AddressMap({
        pageSize: 4096,
        lowmemPages: 200_000,
        pkmapSlots: 1,
        localSlots: 2,
        vmallocPages: 70_000,
      });
    expect(make).to.throw(ConfigError, 'ask for fewer vmallocPages (70000) or lowmemPages (200000)');
  });
});
