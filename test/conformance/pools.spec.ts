import { expect } from 'chai';
import { IOMEM_BOUNCE, KMAP, KMAP_LOCAL, PAGE_ADDRESS, VMAP } from 'scatterlist/backends';
import type { Contract } from 'scatterlist/backend';
import { resolveConfig } from '../../lib/machine/config.ts';
import { namedPools, smallPools } from '../../lib/conformance/pools.ts';

const SIZES = { pkmapSlots: 1, kmMaxIdx: 2, vmallocPages: 3, bounceSlots: 4 };

function ownLimit(limitedBy: number): Contract {
  return { ...KMAP_LOCAL, nesting: { order: 'any', limitedBy, beyond: 'NoSlots' } };
}

describe('the pools of a machine under test', () => {
  it('are those that the contract names, for any kind of memory', () => {
    expect(namedPools(KMAP, SIZES)).to.deep.equal({ pkmapSlots: 1, pkmapColours: 1 });
    expect(namedPools(KMAP_LOCAL, SIZES)).to.deep.equal({ kmMaxIdx: 2 });
    expect(namedPools(VMAP, SIZES)).to.deep.equal({ vmallocPages: 3 });
    expect(namedPools(IOMEM_BOUNCE, SIZES)).to.deep.equal({ kmMaxIdx: 2, bounceSlots: 4 });
    expect(namedPools(PAGE_ADDRESS, SIZES)).to.deep.equal({});
    expect(namedPools(ownLimit(5), SIZES)).to.deep.equal({});
  });

  it('come in several sizes where one can be filled, and once more with forced maps', () => {
    expect(smallPools(KMAP_LOCAL)).to.deep.equal([
      { kmMaxIdx: 2 },
      { kmMaxIdx: 3 },
      { kmMaxIdx: 5 },
      { kmMaxIdx: 5, forceMap: true },
    ]);
    for (const [contract, small] of [
      [KMAP, [1, 2, 4].map((pkmapSlots) => ({ pkmapSlots, pkmapColours: 1 }))],
      [VMAP, [2, 5, 8].map((vmallocPages) => ({ vmallocPages }))],
      [
        IOMEM_BOUNCE,
        [
          { kmMaxIdx: 2, bounceSlots: 1 },
          { kmMaxIdx: 3, bounceSlots: 2 },
          { kmMaxIdx: 5, bounceSlots: 4 },
        ],
      ],
    ] as const)
      expect(smallPools(contract)).to.deep.equal([...small, { ...small[2], forceMap: true }]);
    expect(smallPools(PAGE_ADDRESS, { cpus: 1 })).to.deep.equal([{ cpus: 1 }, { cpus: 1, forceMap: true }]);
  });

  it('have room for a limit of the backend itself, whatever it is built on', () => {
    for (const limit of [1, 2, 5, 40, 100]) {
      for (const options of smallPools(ownLimit(limit), { pageSize: 1024, debugKmapLocal: true })) {
        const config = resolveConfig(options);
        expect(config.pageSize).to.equal(1024);
        expect((config.kmMaxIdx - 1) / 2).to.be.at.least(limit);
        expect(config.pkmapSlots).to.be.at.least(limit);
        expect(config.vmallocPages / 2).to.be.at.least(limit);
        expect(config.bounceSlots).to.be.at.least(limit);
        expect(config.protectedPages).to.be.above(limit);
      }
    }
  });
});
