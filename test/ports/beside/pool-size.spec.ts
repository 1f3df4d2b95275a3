import { expect } from 'chai';
import { IOMEM_BOUNCE, KMAP, KMAP_LOCAL, PAGE_ADDRESS, PGMAP, VMAP } from 'scatterlist/backends';
import { kindFor } from 'scatterlist/ports';
import type { Needs } from 'scatterlist/ports';
import { heldBy, poolsFor } from '../../../lib/ports/beside/pool-size.ts';

const needs = (heldAtOnce: number, pages = 1): Pick<Needs, 'heldAtOnce' | 'pages'> => ({ heldAtOnce, pages });

describe('the sizes of pools', () => {
  it('are the smallest for what the port holds', () => {
    expect(heldBy([])).to.equal(1);
    expect(heldBy([needs(2), needs(3)])).to.equal(3);
    expect(poolsFor([needs(3)], 1, 0)).to.deep.equal({ pkmapSlots: 4, bounceSlots: 6, vmallocPages: 6 });
    expect(poolsFor([needs(1, 4)], 1, 0)).to.deep.equal({ pkmapSlots: 1, bounceSlots: 8, vmallocPages: 5 });
  });

  it('have room for several contexts, and for the pages of others', () => {
    expect(poolsFor([needs(1)], 2, 0).pkmapSlots).to.equal(2);
    expect(poolsFor([needs(1)], 1, 1)).to.deep.equal({ pkmapSlots: 2, bounceSlots: 4, vmallocPages: 4 });
  });
});

describe('the kind of memory of a port beside a second user', () => {
  const KINDS = ['highmem', 'lowmem', 'iomem', 'protected'] as const;

  it('is one for which the backend uses a pool that is shared', () => {
    expect(kindFor(KMAP, ['lowmem', 'highmem'])).to.equal('highmem');
    expect(kindFor(VMAP, ['lowmem', 'highmem'])).to.equal('lowmem');
    expect(kindFor(KMAP, KINDS)).to.equal('highmem');
    expect(kindFor(IOMEM_BOUNCE, KINDS)).to.equal('iomem');
  });

  it('or the first that the backend reaches, or the first of the port', () => {
    expect(kindFor(IOMEM_BOUNCE, ['highmem', 'lowmem'])).to.equal('highmem');
    expect(kindFor(KMAP_LOCAL, KINDS)).to.equal('highmem');
    expect(kindFor(PAGE_ADDRESS, KINDS)).to.equal('lowmem');
    expect(kindFor(PGMAP, ['highmem'])).to.equal('highmem');
    expect(kindFor(PGMAP, [])).to.equal(undefined);
  });
});
