import { expect } from 'chai';
import { DmaDevice, dmaMapPage, dmaMaxMappingSize, dmaUnmapPage } from 'scatterlist/machine';
import { at, codeOf, dmaFixture, must } from './dma-fixture.ts';

describe('bounce buffers of a device', () => {
  it('are used for what it cannot address, and only for that', () => {
    const b = dmaFixture();
    const mask = at(b.high, 0).phys - 1;
    const device = new DmaDevice(b.machine, { mask, bounce: { pool: b.pool } });
    const low = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 16, 'toDevice'));
    expect([low, b.pool.slotsInUse]).to.deep.equal([at(b.low, 0).phys, 0]);
    const high = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 2049, 'toDevice'));
    expect([high <= mask, b.pool.slotsInUse]).to.deep.equal([true, 2]);
    const without = new DmaDevice(b.machine, { mask });
    expect(codeOf(dmaMapPage(b.task, without, at(b.high, 0), 0, 16, 'toDevice'))).to.equal('Unmappable');
  });

  it('are missed for the page that the device cannot reach, which the error names', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const [first] = b.machine.allocPages(4, { zone: 'highmem' });
    if (first === undefined) throw new Error('no page');
    const piece = { page: first, offset: 100, length: 3 * b.machine.pageSize };
    for (const reached of [0, 1, 2.5, 3]) {
      const mask = first.phys + reached * b.machine.pageSize - 1;
      const made = new DmaDevice(b.machine, { mask }).map(b.task, [piece], 'toDevice');
      expect(made.ok ? '' : made.error).to.deep.equal({
        code: 'Unmappable',
        pfn: first.pfn + Math.floor(reached),
        kind: 'highmem',
      });
    }
  });

  it('hold at most 128 slots, and run out', () => {
    const b = dmaFixture({ bounceSlots: 256, lowmemPages: 512 });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const first = at(b.machine.allocPages(80, { zone: 'highmem' }), 0);
    const map = (length: number) => dmaMapPage(b.task, device, first, 0, length, 'toDevice');
    expect(map(256 * 1024 + 1)).to.deep.equal({
      ok: false,
      error: { code: 'TooBig', needBytes: 256 * 1024 + 1, limitBytes: 256 * 1024 },
    });
    const one = must(map(256 * 1024));
    must(map(256 * 1024));
    expect(map(1)).to.deep.equal({
      ok: false,
      error: { code: 'BounceExhausted', needBytes: 1, freeBytes: 0, largestRunBytes: 0 },
    });
    dmaUnmapPage(b.task, device, one, 256 * 1024, 'toDevice');
    expect(codeOf(map(1))).to.equal('ok');
  });

  it('bound bounce buffers, too', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, {
      bounce: { pool: b.pool, always: true },
      segmentBoundaryMask: 4095,
    });
    must(dmaMapPage(b.task, device, at(b.high, 0), 0, 100, 'toDevice'));
    for (let i = 0; i < 2; i += 1) {
      const [one] = must(device.map(b.task, [{ page: at(b.high, i), offset: 0, length: 3000 }], 'toDevice'));
      expect((one?.address ?? 0) % 4096).to.be.at.most(1096);
    }
    expect(codeOf(dmaMapPage(b.task, device, at(b.high, 0), 0, 4097, 'toDevice'))).to.equal('TooBig');
  });
});

describe('a bounce buffer', () => {
  it('keeps the low bits of the address that minAlignMask names', () => {
    for (const minAlignMask of [0x1f, 0x1ff, 0x7ff, 0xfff]) {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true }, minAlignMask });
      for (const offset of [0, 5, 2047, 2048, 3001]) {
        const address = must(dmaMapPage(b.task, device, at(b.high, 0), offset, 60, 'fromDevice'));
        expect(address & minAlignMask).to.equal(offset & minAlignMask);
        device.write(address, new Uint8Array(60).fill(offset));
        dmaUnmapPage(b.task, device, address, 60, 'fromDevice');
        expect(b.machine.physical(at(b.high, 0))[offset + 59]).to.equal(offset & 0xff);
      }
      expect(b.pool.slotsInUse).to.equal(0);
      expect(dmaMaxMappingSize(device)).to.equal(8 * 2048 - Math.ceil(minAlignMask / 2048) * 2048);
    }
  });

  it('stands in front of an IOMMU where everything is bounced', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: {}, bounce: { pool: b.pool, always: true } });
    const address = must(dmaMapPage(b.task, device, at(b.high, 0), 8, 8, 'fromDevice'));
    expect([address >= 2 ** 44, b.pool.slotsInUse]).to.deep.equal([true, 2]);
    device.write(address, Uint8Array.of(7));
    expect(b.machine.physical(at(b.high, 0))[8]).to.equal(0);
    dmaUnmapPage(b.task, device, address, 8, 'fromDevice');
    expect([b.machine.physical(at(b.high, 0))[8], b.pool.slotsInUse]).to.deep.equal([7, 0]);
  });

  it('keeps foreign bytes of a page from an untrusted device; whole pages need none', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: {}, bounce: { pool: b.pool }, untrusted: true });
    expect(b.pool.take(4096)?.firstSlot).to.equal(0);
    const run = b.pool.runAt(2, 4096);
    run.bytes.fill(0x5e);
    b.machine.physical(at(b.high, 0)).fill(9);
    const pieces = [
      { page: at(b.high, 1), offset: 0, length: 4096 },
      { page: at(b.high, 0), offset: 100, length: 50 },
    ];
    const segments = must(device.map(b.task, pieces, 'bidirectional'));
    expect(b.pool.slotsInUse).to.equal(4);
    expect(run.bytes.filter((byte) => byte !== 0)).to.deep.equal(new Uint8Array(50).fill(9));
    device.unmapAll(b.task, segments, 'bidirectional');
    expect([b.pool.slotsInUse, device.liveMappings]).to.deep.equal([2, 0]);
  });

  it('is given back where a later piece finds no buffer, or no address', () => {
    const b = dmaFixture();
    const bounce = { pool: b.pool, always: true };
    const piece = (n: number) => ({ page: at(b.high, n), offset: 0, length: 4096 });
    const few = new DmaDevice(b.machine, { iommu: { pages: 2 }, bounce });
    expect(codeOf(few.map(b.task, [piece(0), piece(1)], 'toDevice'))).to.equal('NoVirtualSpace');
    const many = new DmaDevice(b.machine, { iommu: {}, bounce });
    const five = [0, 1, 2, 3, 0].map(piece);
    expect(codeOf(many.map(b.task, five, 'toDevice'))).to.equal('BounceExhausted');
    expect(b.pool.slotsInUse).to.equal(0);
  });
});
