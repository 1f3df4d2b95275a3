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

  it('take numbers of their width only', () => {
    const sg = sgInitTable(1).entry(0);
    sgSetDma(sg, dmaAddr(Number.MAX_SAFE_INTEGER), 2 ** 32 - 1);
    for (const [address, length, said] of [
      [-1, 0, 'address is -1'],
      [2 ** 53, 0, 'address is 9007199254740992'],
      [0, -1, 'lengthBytes is -1'],
      [0, 2 ** 32, 'lengthBytes is 4294967296; it must be a whole number from 0 to 4294967295'],
    ] as const)
      expect(() => {
        sgSetDma(sg, dmaAddr(address), length);
      }).to.throw(RangeError, said);
    expect([sgDmaAddress(sg), sgDmaLen(sg)]).to.deep.equal([Number.MAX_SAFE_INTEGER, 2 ** 32 - 1]);
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
