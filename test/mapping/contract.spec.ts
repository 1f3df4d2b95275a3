import { expect } from 'chai';
import { termsFor } from 'scatterlist/backend';
import type { Contract } from 'scatterlist/backend';
import * as backends from 'scatterlist/backends';

const contracts = Object.values(backends).filter(
  (value): value is Contract & typeof value => typeof value === 'object' && 'errors' in value,
);

describe('contracts', () => {
  it('are there for every backend that is no wrapper', () => {
    expect(contracts.map((contract) => contract.name).sort()).to.deep.equal([
      'io_access',
      'iomem_bounce',
      'kmap',
      'kmap_atomic',
      'kmap_local',
      'page_address',
      'pgmap',
      'vmap',
    ]);
  });

  for (const contract of contracts) {
    it(`${contract.name}: names itself, what it follows, and the Linux version or series`, () => {
      expect(contract.name).to.match(/^[a-z][a-z_-]+$/);
      expect(contract.mirrors).to.match(/Linux \d\.\d|V\d+/);
    });

    it(`${contract.name}: says one thing where saying two would contradict`, () => {
      const { limitedBy, beyond } = contract.nesting;
      expect(limitedBy === 'nothing').to.equal(beyond === 'none');
      if (contract.sleeps) expect(contract.contexts).to.deep.equal(['task']);
      if (contract.scope === 'global') expect(contract.nesting.order).to.equal('any');
      if (contract.disablesRt.length > contract.disables.length) expect.fail('RT disables more');
    });
  }

  it('termsFor answers the exception for a kind of memory, else the contract', () => {
    const { IOMEM_BOUNCE } = backends;
    expect(termsFor(IOMEM_BOUNCE, 'iomem')).to.deep.equal({
      scope: 'global',
      nesting: { order: 'any', limitedBy: 'bounceSlots', beyond: 'BounceExhausted' },
    });
    expect(termsFor(IOMEM_BOUNCE, 'highmem')).to.equal(IOMEM_BOUNCE);
    expect(termsFor(backends.KMAP, 'iomem').nesting.limitedBy).to.equal('pkmapSlots');
  });
});
