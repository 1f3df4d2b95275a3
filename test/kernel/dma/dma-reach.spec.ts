import { expect } from 'chai';
import type { Page } from 'scatterlist';
import { DmaDevice, dmaMapPage, dmaSetMask, dmaUnmapPage } from 'scatterlist/machine';
import type { DmaDeviceOptions } from 'scatterlist/machine';
import { at, codeOf, dmaFixture, must } from './dma-fixture.ts';

describe('bus addresses of an IOMMU', () => {
  it('run out, and come back with the last segment of a list', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: { pages: 5, merges: false } });
    const pieces = [0, 1].map((n) => ({ page: at(b.high, n), offset: 0, length: 4096 }));
    for (let round = 0; round < 3; round += 1) {
      const [first, second] = must(device.map(b.task, pieces, 'toDevice'));
      if (first === undefined || second === undefined) throw new Error('no segments');
      device.unmap(b.task, first.address, 4096, 'toDevice');
      expect(device.map(b.task, [...pieces, ...pieces], 'toDevice')).to.deep.equal({
        ok: false,
        error: { code: 'NoVirtualSpace', needPages: 4, freePages: 2, largestRunPages: 1 },
      });
      device.unmap(b.task, second.address, 4096, 'toDevice');
    }
    device.checkLeaks();
  });
});

describe('a DMA mask', () => {
  for (const bits of [24, 28, 30, 31, 32, 36, 64]) {
    it(`of ${String(bits)} bits bounds the addresses of an IOMMU and of bounce buffers`, () => {
      const mask = 2 ** bits - 1;
      const b = dmaFixture();
      for (const options of [
        { iommu: {} },
        { iommu: { pages: 9 } },
        { bounce: { pool: b.pool, always: true } },
      ]) {
        const device = new DmaDevice(b.machine, { mask, ...options });
        const address = must(dmaMapPage(b.task, device, at(b.high, 0), 5, 8, 'toDevice'));
        expect([address + 7 <= mask, address % 4096 === 5 || 'bounce' in options]).to.deep.equal([
          true,
          true,
        ]);
        dmaUnmapPage(b.task, device, address, 8, 'toDevice');
      }
    });
  }

  it('is an error where the bounce pool, a bus address or no address of the IOMMU lies below it', () => {
    const b = dmaFixture();
    const [bar] = b.machine.ioRegion(1);
    const codes = (options: DmaDeviceOptions, page: Page = at(b.high, 0)): string =>
      codeOf(dmaMapPage(b.task, new DmaDevice(b.machine, options), page, 0, 4096, 'toDevice'));
    const mask = b.pool.firstAddress + 4094;
    expect(codes({ mask, bounce: { pool: b.pool } })).to.equal('Unmappable');
    expect(codes({ mask: mask + 1, bounce: { pool: b.pool } })).to.equal('ok');
    expect(codes({ mask: 4095, iommu: {} })).to.equal('NoVirtualSpace');
    if (bar !== undefined) expect(codes({ mask: bar.phys + 4094 }, bar)).to.equal('Unmappable');
    if (bar !== undefined) expect(codes({ mask: bar.phys + 4095 }, bar)).to.equal('ok');
  });

  it('is refused by dma_set_mask where no memory can be reached with it', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine);
    for (const mask of [0, 2 ** 24 - 2, NaN, -1, 0.5])
      expect(codeOf(dmaSetMask(device, mask))).to.equal('NotSupported');
    expect([codeOf(dmaSetMask(device, 2 ** 24 - 1)), device.mask]).to.deep.equal(['ok', 2 ** 24 - 1]);
    expect(codeOf(dmaMapPage(b.task, device, at(b.high, 0), 0, 8, 'toDevice'))).to.equal('Unmappable');
    const behind = new DmaDevice(b.machine, { iommu: {} });
    expect(codeOf(dmaSetMask(behind, 4096))).to.equal('NotSupported');
    expect(codeOf(dmaSetMask(behind, 8191 + 8192))).to.equal('ok');
    const address = must(dmaMapPage(b.task, behind, at(b.high, 0), 0, 8, 'toDevice'));
    expect(address).to.be.at.most(8191 + 8192);
    expect(codeOf(dmaSetMask(behind, Infinity))).to.equal('NotSupported');
  });
});

describe('the limits of a segment', () => {
  it('are never broken by what an IOMMU merges', () => {
    const b = dmaFixture();
    for (const [limits, lengths] of [
      [{ maxSegmentBytes: 8192 }, [8192, 8192]],
      [{ segmentBoundaryMask: 8191 }, [8192, 8192]],
      [{ segmentBoundaryMask: 4095 }, [4096, 4096, 4096, 4096]],
    ] as const) {
      const device = new DmaDevice(b.machine, { iommu: {}, ...limits });
      must(dmaMapPage(b.task, device, at(b.low, 0), 0, 1, 'toDevice'));
      const pieces = [3, 1, 2, 0].map((n) => ({ page: at(b.high, n), offset: 0, length: 4096 }));
      const segments = must(device.map(b.task, pieces, 'toDevice'));
      expect(segments.map(({ lengthBytes }) => lengthBytes)).to.deep.equal(lengths);
    }
  });
});

describe('the bus addresses of memory of another device', () => {
  it('begin at 0, and end at the mask', () => {
    const b = dmaFixture();
    const [bar] = b.machine.ioRegion(1);
    if (bar === undefined) throw new Error('no device');
    const map = (busOffset: number, mask = Infinity): number | string => {
      const device = new DmaDevice(b.machine, { peerToPeer: 'busAddress', busOffset, mask });
      const mapped = device.map(b.task, [{ page: bar, offset: 0, length: 64 }], 'toDevice');
      return mapped.ok ? (mapped.value[0]?.address ?? 'none') : mapped.error.code;
    };
    expect([map(0 - bar.phys), map(1 - bar.phys), map(-1 - bar.phys)]).to.deep.equal([0, 1, 'Unmappable']);
    expect([map(0, bar.phys + 63), map(0, bar.phys + 62)]).to.deep.equal([bar.phys, 'Unmappable']);
  });
});

describe('memory of another device behind a host bridge', () => {
  it('is never bounced: what the mask does not reach is an error', () => {
    const b = dmaFixture();
    const [bar] = b.machine.ioRegion(1);
    if (bar === undefined) throw new Error('no device');
    for (const options of [{}, { bounce: { pool: b.pool } }, { bounce: { pool: b.pool, always: true } }]) {
      const device = new DmaDevice(b.machine, { peerToPeer: 'hostBridge', mask: bar.phys + 62, ...options });
      const mapped = device.map(b.task, [{ page: bar, offset: 0, length: 64 }], 'toDevice');
      expect(codeOf(mapped)).to.equal('Unmappable');
      expect(b.pool.slotsInUse).to.equal(0);
    }
  });
});
