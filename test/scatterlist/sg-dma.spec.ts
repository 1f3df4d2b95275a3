import { expect } from 'chai';
import {
  dmaAddr,
  sgDmaAddress,
  sgDmaIsBusAddress,
  sgDmaIsSwiotlb,
  sgDmaLen,
  sgDmaMarkBusAddress,
  sgDmaMarkSwiotlb,
  sgDmaUnmarkBusAddress,
  sgInitTable,
  sgSetDma,
} from 'scatterlist';

describe('DMA fields', () => {
  it('are nothing before a device maps the list, and cost nothing to ask for', () => {
    const sg = sgInitTable(2).entry(1);
    expect([sgDmaAddress(sg), sgDmaLen(sg)]).to.deep.equal([0, 0]);
    expect([sgDmaIsBusAddress(sg), sgDmaIsSwiotlb(sg)]).to.deep.equal([false, false]);
    expect(sg.array.dmaIfMapped).to.equal(undefined);
  });

  it('hold addresses beyond 32 bits, and a length of their own', () => {
    const array = sgInitTable(2);
    sgSetDma(array.entry(1), dmaAddr(2 ** 40 + 1), 8192);
    expect([sgDmaAddress(array.entry(1)), sgDmaLen(array.entry(1))]).to.deep.equal([2 ** 40 + 1, 8192]);
    expect(sgDmaLen(array.entry(0))).to.equal(0);
    expect(array.entry(1).length).to.equal(0);
  });

  it('keep the two marks apart', () => {
    const sg = sgInitTable(1).entry(0);
    sgDmaMarkBusAddress(sg);
    sgDmaMarkSwiotlb(sg);
    sgDmaUnmarkBusAddress(sg);
    expect([sgDmaIsBusAddress(sg), sgDmaIsSwiotlb(sg)]).to.deep.equal([false, true]);
    sgDmaMarkBusAddress(sg);
    expect([sgDmaIsBusAddress(sg), sgDmaIsSwiotlb(sg)]).to.deep.equal([true, true]);
  });
});
