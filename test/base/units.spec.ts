import { expect } from 'chai';
import { cpuId, dmaAddr, hex, pfn, physAddr, taskId, virtAddr } from 'scatterlist';

describe('units', () => {
  it('are plain numbers at run time', () => {
    for (const brand of [cpuId, dmaAddr, pfn, physAddr, taskId, virtAddr]) expect(brand(42)).to.equal(42);
  });

  it('are written as a kernel log does', () => {
    expect([0, 0xfffb_a000, 0xff88_0000_0000, -16].map(hex)).to.deep.equal([
      '0x0',
      '0xfffba000',
      '0xff8800000000',
      '-0x10',
    ]);
  });
});
