import { expect } from 'chai';
import { DmaDevice, dmaMapPage, dmaUnmapPage } from 'scatterlist/machine';
import { DMA_WAYS, at, codeOf, dmaFixture, must } from './dma-fixture.ts';
import { violationOf } from '../violations.ts';

for (const [way, options] of Object.entries(DMA_WAYS)) {
  describe(`the accesses of a device that reaches memory ${way}`, () => {
    it('does not use memory against its direction', () => {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, options(b));
      const to = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 16, 'toDevice'));
      const from = must(dmaMapPage(b.task, device, at(b.low, 1), 0, 16, 'fromDevice'));
      expect(violationOf(() => device.read(from, 1))).to.equal('dma-direction');
      expect(
        violationOf(() => {
          device.write(to, Uint8Array.of(1));
        }),
      ).to.equal('dma-direction');
    });

    it('faults outside its mappings, before, behind and after them', () => {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, options(b));
      const address = must(dmaMapPage(b.task, device, at(b.low, 0), 8, 8, 'bidirectional'));
      expect(violationOf(() => device.read(address - 1, 1))).to.equal('dma-fault');
      expect(violationOf(() => device.read(address + 7, 2))).to.equal('dma-fault');
      dmaUnmapPage(b.task, device, address, 8, 'bidirectional');
      expect(
        violationOf(() => {
          device.write(address, Uint8Array.of(1));
        }),
      ).to.equal('dma-fault');
    });
  });
}

describe('memory of another device', () => {
  for (const iommu of [undefined, {}]) {
    it(`is reached at its bus address, through the host bridge, or not at all${iommu === undefined ? '' : ', past an IOMMU'}`, () => {
      const b = dmaFixture();
      const [bar] = b.machine.ioRegion(1);
      if (bar === undefined) throw new Error('no page');
      const deviceWith = (peerToPeer: 'busAddress' | 'hostBridge' | 'unsupported'): DmaDevice =>
        new DmaDevice(b.machine, { peerToPeer, busOffset: 2 ** 40, ...(iommu && { iommu }) });
      const map = (device: DmaDevice) =>
        device.map(b.task, [{ page: bar, offset: 16, length: 8 }], 'bidirectional');

      const near = deviceWith('busAddress');
      const [segment] = must(map(near));
      expect(segment).to.deep.equal({ address: bar.phys + 16 + 2 ** 40, lengthBytes: 8, isBusAddress: true });
      expect(near.liveMappings).to.equal(0);
      near.write(bar.phys + 16 + 2 ** 40, Uint8Array.of(4));
      expect(b.machine.physical(bar)[16]).to.equal(4);

      const far = deviceWith('hostBridge');
      const [mapped] = must(map(far));
      expect([mapped?.isBusAddress, far.liveMappings]).to.deep.equal([false, 1]);
      expect(far.read(mapped?.address ?? 0, 1)[0]).to.equal(4);

      expect(codeOf(map(deviceWith('unsupported')))).to.equal('NotSupported');
    });
  }
});
