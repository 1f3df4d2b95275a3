import { expect } from 'chai';
import { dmaAddr } from 'scatterlist';
import { DmaMapping } from '../../../lib/kernel/parts/dma-mapping.ts';
import { at, dmaFixture } from '../dma/dma-fixture.ts';

describe('DmaMapping', () => {
  const { low, high } = dmaFixture();
  const mapping = new DmaMapping(
    dmaAddr(1000),
    'bidirectional',
    [
      { page: at(low, 0), offset: 4090, length: 10 },
      { page: at(high, 0), offset: 0, length: 5 },
    ],
    undefined,
  );

  it('visits the memory behind any of its bytes, page by page', () => {
    const seen: unknown[] = [];
    mapping.eachPage(4, 9, (page, offset, done, length) => seen.push([page.pfn, offset, done, length]));
    expect(seen).to.deep.equal([
      [at(low, 0).pfn, 4094, 0, 2],
      [at(low, 1).pfn, 0, 2, 4],
      [at(high, 0).pfn, 0, 6, 3],
    ]);
  });

  it('knows its addresses', () => {
    expect([mapping.lengthBytes, mapping.contains(1000, 15), mapping.contains(1000, 16)]).to.deep.equal([
      15,
      true,
      false,
    ]);
    expect([mapping.contains(999, 1), mapping.contains(1014, 1)]).to.deep.equal([false, true]);
  });

  it('belongs to the device until bytes are given to the CPU', () => {
    expect([mapping.belongsTo('device', 0, 15), mapping.belongsTo('cpu', 0, 15)]).to.deep.equal([
      true,
      false,
    ]);
    mapping.give('cpu', 2, 3);
    expect([mapping.belongsTo('cpu', 0, 3), mapping.belongsTo('cpu', 0, 2)]).to.deep.equal([true, false]);
    expect([mapping.belongsTo('device', 2, 3), mapping.belongsTo('device', 2, 4)]).to.deep.equal([
      false,
      true,
    ]);
    mapping.give('device', 0, 15);
    expect(mapping.belongsTo('cpu', 0, 15)).to.equal(false);
  });
});
