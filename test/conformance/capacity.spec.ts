import { expect } from 'chai';
import { IOMEM_BOUNCE, KMAP, KMAP_LOCAL, PAGE_ADDRESS, VMAP } from 'scatterlist/backends';
import type { Contract } from 'scatterlist/backend';
import { capacity } from '../../lib/conformance/capacity.ts';

describe('capacity', () => {
  it('of local slots is one less than KM_MAX_IDX, halved by guard slots', () => {
    expect(capacity(KMAP_LOCAL, 'highmem', {})).to.equal(15);
    expect(capacity(KMAP_LOCAL, 'highmem', { debugKmapLocal: true })).to.equal(16);
    expect(capacity(KMAP_LOCAL, 'highmem', { kmMaxIdx: 4, debugKmapLocal: true })).to.equal(1);
  });

  it('counts only pages that take a local slot', () => {
    expect(capacity(KMAP_LOCAL, 'lowmem', {})).to.equal(Infinity);
    expect(capacity(KMAP_LOCAL, 'lowmem', { forceMap: true })).to.equal(16);
    expect(capacity(KMAP_LOCAL, 'highmem', { highmem: false })).to.equal(Infinity);
  });

  it('of the kmap pool is a colour of it, for highmem', () => {
    expect(capacity(KMAP, 'highmem', { pkmapSlots: 8, pkmapColours: 2 })).to.equal(4);
    expect(capacity(KMAP, 'lowmem', { pkmapSlots: 8 })).to.equal(Infinity);
  });

  it('of the vmalloc area is half of it, because of guard pages', () => {
    expect(capacity(VMAP, 'lowmem', { vmallocPages: 7 })).to.equal(3);
  });

  it('follows the exception for a kind of memory', () => {
    expect(capacity(IOMEM_BOUNCE, 'iomem', { bounceSlots: 3 })).to.equal(3);
    expect(capacity(IOMEM_BOUNCE, 'highmem', { bounceSlots: 3 })).to.equal(15);
  });

  it('may be a number of its own, or nothing', () => {
    const contract: Contract = {
      ...KMAP,
      nesting: { order: 'any', limitedBy: 2, beyond: 'NoSlots' },
    };
    expect(capacity(contract, 'highmem', {})).to.equal(2);
    expect(capacity(PAGE_ADDRESS, 'lowmem', {})).to.equal(Infinity);
  });
});
