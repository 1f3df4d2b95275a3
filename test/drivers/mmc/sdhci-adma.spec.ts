import { expect } from 'chai';
import { observe } from 'scatterlist/ports';
import port from '../../../examples/drivers/mmc/sdhci-adma.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 9001 }, (_, i) => (i * 7) & 0xff),
});

describe('the sdhci ADMA port', () => {
  for (const variant of ['original', 'copy helper'])
    it(`maps with preemption disabled, and holds no mapping while the controller works: ${variant}`, () => {
      const { needs, moved } = observe(LOADED, variant, 'highmem');
      const sites = needs.filter(({ mechanism }) => mechanism === undefined);
      expect(moved?.verifiedBytes).to.equal(18002);
      expect(sites.length).to.be.greaterThan(0);
      for (const site of sites)
        expect(site).to.deep.include({ isAtomic: true, pages: 1, usedBy: [], sleptOn: [] });
    });

  it('maps for writes before, and for reads afterwards', () => {
    const sites = observe(LOADED, 'original', 'highmem').needs.filter(
      ({ mechanism }) => mechanism === undefined,
    );
    // Of four entries at offsets 0, 37, 74 and 111 three begin where no segment may begin.
    expect(sites.map(({ maps }) => maps)).to.deep.equal([3, 3]);
  });
});
