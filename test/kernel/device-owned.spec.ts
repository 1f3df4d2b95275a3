import { expect } from 'chai';
import { dmaAddr } from 'scatterlist';
import { DeviceOwned } from '../../lib/kernel/device-owned.ts';
import { DmaMapping } from '../../lib/kernel/dma-mapping.ts';
import type { DmaDirection } from '../../lib/kernel/dma-mapping.ts';
import { at, dmaBench } from './dma-bench.ts';

describe('DeviceOwned', () => {
  const { low } = dmaBench();
  const page = at(low, 0);
  const mappingOf = (offset: number, length: number, direction: DmaDirection): DmaMapping =>
    new DmaMapping(dmaAddr(0), direction, [{ page, offset, length }], undefined);

  it('forbids what a device owns, until the mapping ends', () => {
    const owned = new DeviceOwned();
    const mapping = mappingOf(10, 10, 'fromDevice');
    owned.add(mapping);
    expect([owned.forbids(page, 0, 10, true), owned.forbids(page, 20, 5, true)]).to.deep.equal([
      undefined,
      undefined,
    ]);
    expect([owned.forbids(page, 0, 11, false), owned.forbids(page, 19, 9, true)]).to.deep.equal([
      mapping,
      mapping,
    ]);
    mapping.give('cpu', 0, 5);
    expect([owned.forbids(page, 10, 5, true), owned.forbids(page, 10, 6, true)]).to.deep.equal([
      undefined,
      mapping,
    ]);
    owned.delete(mapping);
    expect(owned.forbids(page, 0, 4096, true)).to.equal(undefined);
  });

  it('holds several mappings of a page apart', () => {
    const owned = new DeviceOwned();
    const [reads, writes] = [mappingOf(0, 20, 'toDevice'), mappingOf(10, 20, 'fromDevice')];
    owned.add(reads);
    owned.add(writes);
    expect([owned.forbids(page, 5, 5, false), owned.forbids(page, 5, 6, false)]).to.deep.equal([
      undefined,
      writes,
    ]);
    owned.delete(writes);
    expect([owned.forbids(page, 5, 6, false), owned.forbids(page, 5, 6, true)]).to.deep.equal([
      undefined,
      reads,
    ]);
  });
});
