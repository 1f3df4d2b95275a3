import { expect } from 'chai';
import { observe } from 'scatterlist/ports';
import port from '../../../examples/drivers/mmc/sdhci-pio.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 9001 }, (_, i) => (i * 7) & 0xff),
});

describe('the sdhci PIO port', () => {
  for (const variant of ['original', 'copy helper'])
    it(`maps one piece at a time, in hard interrupts only: ${variant}`, () => {
      const { needs, moved } = observe(LOADED, variant, 'highmem');
      const sites = needs.filter(({ mechanism }) => mechanism === undefined);
      expect(moved).to.deep.include({ verifiedBytes: 18002 });
      expect(moved?.ownAccesses).to.be.at.least((2 * 9001) / 4);
      expect(sites.length).to.be.greaterThan(0);
      for (const site of sites)
        expect(site).to.deep.include({ contexts: ['hardirq'], pages: 1, usedBy: [], sleptOn: [] });
    });
});
