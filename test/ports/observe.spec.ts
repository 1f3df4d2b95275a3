import { expect } from 'chai';
import { observe } from 'scatterlist/ports';
import type { Observed } from 'scatterlist/ports';
import type { MemoryKind } from 'scatterlist';
import { CONTENT, LOADED } from './page-port.ts';

const seen = (variant: string, memory: MemoryKind = 'highmem'): Observed => observe(LOADED, variant, memory);

describe('observe', () => {
  it('tells where a port maps, on which memory, and that it asks for no more', () => {
    const { needs, moved } = seen('original');
    expect(moved).to.deep.equal({ verifiedBytes: CONTENT.length });
    const [site, ...others] = needs;
    expect(others).to.deep.equal([]);
    expect(site?.site?.file).to.match(/page-port\.ts$/);
    expect(site).to.deep.include({
      mechanism: undefined,
      maps: 1,
      kinds: ['highmem'],
      contexts: ['task'],
      isAtomic: false,
      pages: 1,
      heldAtOnce: 1,
      isReleasedInOrder: true,
      usedBy: [],
      sleptOn: [],
    });
  });

  for (const memory of ['lowmem', 'iomem', 'protected'] as const)
    it(`tells ${memory} pages as what they are`, () => {
      expect(seen('original', memory).needs.map(({ kinds }) => kinds)).to.deep.equal([[memory]]);
    });

  it('sees a release of the older mapping first, and how many are held', () => {
    const { needs } = seen('older first');
    expect(needs.map(({ isReleasedInOrder, heldAtOnce }) => [isReleasedInOrder, heldAtOnce])).to.deep.equal([
      [false, 2],
      [true, 2],
    ]);
  });

  it('sees a use by a handler, and a sleep in between', () => {
    const [site] = seen('used by a handler').needs;
    expect(site?.usedBy).to.deep.equal(['hardirq "done"']);
    expect(site?.sleptOn.join()).to.match(/arrival/);
  });

  it('tells the context of a handler', () => {
    expect(seen('in a handler').needs[0]?.contexts).to.deep.equal(['hardirq']);
    const threaded = observe(LOADED, 'in a handler', 'highmem', { preemptRt: true });
    expect(threaded.needs[0]?.contexts).to.deep.equal(['task']);
  });

  it('tells the rule that a port breaks where every mapping is allowed', () => {
    expect(seen('past the end').violation?.rule).to.equal('page-overrun');
  });

  it('throws what is no violation', () => {
    expect(() => seen('wrong bytes')).to.throw('byte 0 of the page is 0xee instead of 0x00');
  });
});
