import { expect } from 'chai';
import { flushDcacheFolio, flushDcachePage } from 'scatterlist/machine';
import { bench, flushed } from './folio-bench.ts';

describe('flush_dcache_page and flush_dcache_folio', () => {
  it('flush a page, and every page of a folio in order', () => {
    const { machine, task, low, high } = bench();
    flushDcachePage(task, low.page(2));
    flushDcacheFolio(task, high);
    expect(flushed(machine)).to.deep.equal([low.head.pfn + 2, ...[0, 1, 2, 3].map((n) => high.head.pfn + n)]);
  });

  it('cost something where the cache aliases', () => {
    for (const cacheAliasing of [false, true]) {
      const { machine, task, high } = bench({ cacheAliasing });
      flushDcacheFolio(task, high);
      expect(machine.ledger.cacheFlushes).to.equal(cacheAliasing ? 4 : 0);
    }
  });
});
