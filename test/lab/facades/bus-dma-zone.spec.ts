import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { BounceZone, BusDmamap, newTag } from '../../../lib/lab/facades/bus-dma-zone.ts';

describe('BounceZone', () => {
  /** A zone of at most `most` pages of 4096 bytes; its own tag has two of them at once. */
  const zoneOf = (most: number, lowmemPages = 16) =>
    new BounceZone(createMachine({ bounceSlots: 2 * most, lowmemPages, highmemPages: 4 }));
  const limits = { lowaddr: 0, nsegments: 4, maxsegsz: 4096 };
  const needing = (pages: number): BusDmamap => {
    const map = new BusDmamap();
    map.pagesNeeded = pages;
    return map;
  };

  it('has the pages for one map of its tag at once, and adds as many for each further map, up to the most', () => {
    const zone = zoneOf(5);
    expect(zone.pages).to.have.length(2);
    const sizes = [0, 1, 2, 3].map((mapCount) => {
      zone.mapCount = mapCount;
      expect(zone.addFor(zone.tag)).to.equal(0);
      return zone.pages.length;
    });
    expect(sizes).to.deep.equal([2, 4, 5, 5]);
  });

  it('adds pages for the first map of a tag that reserved none', () => {
    const zone = zoneOf(8);
    const tag = newTag({ ...limits, maxsize: 3 * 4096 });
    expect(zone.addFor(tag)).to.equal(0);
    expect([zone.pages.length, tag.hasPages]).to.deep.equal([5, true]);
  });

  it('returns ENOMEM if lowmem has too few pages for the first map of a tag', () => {
    const zone = zoneOf(8, 4);
    const tag = newTag({ ...limits, maxsize: 3 * 4096 });
    expect(zone.addFor(tag)).to.equal(12);
    expect(zone.setUp(newTag({ ...limits, maxsize: 7 * 4096 }))).to.equal(12);
  });

  it('lets a load that waits keep what it reserved, and no other', () => {
    const zone = zoneOf(2);
    const [waiter, asker] = [needing(3), needing(3)];
    expect(zone.reserve(asker, false)).to.equal(1);
    expect(zone.free).to.equal(2);
    expect(zone.reserve(waiter, true)).to.equal(1);
    expect(zone.free).to.equal(0);
    expect(zone.reserve(asker, true)).to.equal(3);
  });

  it('gives pages to the map that waits longest, and to no other before it has all', () => {
    const zone = zoneOf(2);
    const holder = needing(2);
    const [page] = zone.machine.allocPages(1, { zone: 'highmem' });
    if (page === undefined) throw new Error('no page');
    zone.reserve(holder, true);
    zone.take(holder, page, 0, 8);
    const other = new BusDmamap();
    other.bounced.push(...holder.bounced.splice(0));
    zone.take(holder, page, 8, 8);
    const [large, small] = [needing(2), needing(1)];
    zone.waiting.push(large, small);
    zone.give(holder);
    expect(zone.ready).to.deep.equal([]);
    zone.give(other);
    expect(zone.ready).to.deep.equal([large]);
    expect(zone.waiting).to.deep.equal([small]);
    expect(zone.deferred).to.equal(1);
  });
});
