import { expect } from 'chai';
import fc from 'fast-check';
import {
  ConfigError,
  DmaDevice,
  dmaMapSgtable,
  dmaSyncSgtableForCpu,
  dmaSyncSgtableForDevice,
  dmaUnmapSgtable,
  forEachSgtableDmaSg,
  forEachSgtableSg,
  sgAllocTable,
  sgDmaAddress,
  sgDmaIsBusAddress,
  sgDmaLen,
  sgSetPage,
} from 'scatterlist';
import type { DmaDeviceOptions, MemoryKind, Page, SgTable } from 'scatterlist';
import { WRONG_ATTRS, at, codeOf, dmaFixture, must } from '../../kernel/dma/dma-fixture.ts';
import type { DmaFixture } from '../../kernel/dma/dma-fixture.ts';
import { AS_LINUX, violationOf } from '../../kernel/violations.ts';

type Entry = readonly [page: Page, offset: number, length: number];

function tableOf(entries: readonly Entry[]): SgTable {
  const table = must(sgAllocTable<MemoryKind>(entries.length));
  let i = 0;
  for (const sg of forEachSgtableSg(table)) {
    const [page, offset, length] = at(entries, i);
    sgSetPage(sg, page, length, offset);
    i += 1;
  }
  return table;
}

function segments(table: SgTable): readonly (readonly [address: number, length: number])[] {
  return [...forEachSgtableDmaSg(table)].map((sg) => [sgDmaAddress(sg), sgDmaLen(sg)] as const);
}

function deviceRead(device: DmaDevice, table: SgTable): number[] {
  return segments(table).flatMap(([address, length]) => [...device.read(address, length)]);
}

const WAYS: Readonly<Record<string, (b: DmaFixture) => DmaDeviceOptions>> = {
  direct: () => ({}),
  'through an IOMMU': () => ({ iommu: {} }),
  'through an IOMMU that merges nothing': () => ({ iommu: { merges: false } }),
  'through bounce buffers': ({ pool }) => ({ bounce: { pool, always: true } }),
};

describe('dma_map_sgtable', () => {
  it('refuses attributes that do not exist', () => {
    for (const [attrs, message] of WRONG_ATTRS) {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine);
      const table = tableOf([[at(b.low, 0), 0, 64]]);
      expect(() => dmaMapSgtable(b.task, device, table, 'toDevice', attrs as never)).to.throw(
        ConfigError,
        message,
      );
      must(dmaMapSgtable(b.task, device, table, 'toDevice', {}));
      expect(() => {
        dmaUnmapSgtable(b.task, device, table, 'toDevice', attrs as never);
      }).to.throw(ConfigError, message);
      dmaUnmapSgtable(b.task, device, table, 'toDevice');
      device.checkLeaks();
    }
  });

  for (const [way, options] of Object.entries(WAYS)) {
    it(`shows a device the bytes of the list in order, ${way}`, () => {
      const entry = fc.tuple(
        fc.nat(3),
        fc.boolean(),
        fc.constantFrom(0, 7, 4000),
        fc.constantFrom(1, 96, 4096),
      );
      fc.assert(
        fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), (shapes) => {
          const b = dmaFixture({ bounceSlots: 64 });
          const device = new DmaDevice(b.machine, options(b));
          const list = shapes.map(([n, high, offset, length]): Entry => [
            at(high ? b.high : b.low, n),
            offset,
            length,
          ]);
          const bytes: number[] = [];
          for (const [page, offset, length] of list) {
            for (let i = 0; i < length; i += 1) {
              const where = b.machine.hardware.memory.page(page.pfn + Math.floor((offset + i) / 4096));
              const value = (where.pfn * 3 + offset + i) & 0xff;
              b.machine.physical(where)[(offset + i) % 4096] = value;
            }
          }
          for (const [page, offset, length] of list) {
            for (let i = 0; i < length; i += 1) {
              const where = b.machine.hardware.memory.page(page.pfn + Math.floor((offset + i) / 4096));
              bytes.push(b.machine.physical(where)[(offset + i) % 4096] ?? 0);
            }
          }
          const table = tableOf(list);
          must(dmaMapSgtable(b.task, device, table, 'toDevice'));
          expect(deviceRead(device, table)).to.deep.equal(bytes);
          dmaUnmapSgtable(b.task, device, table, 'toDevice');
          expect([device.liveMappings, b.pool.slotsInUse]).to.deep.equal([0, 0]);
        }),
        { numRuns: 25 },
      );
    });
  }

  it('may leave the device fewer segments than the list has entries', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: {} });
    const table = tableOf([
      [at(b.high, 2), 4000, 96],
      [at(b.low, 1), 0, 4096],
      [at(b.high, 0), 0, 10],
      [at(b.low, 0), 0, 20],
    ]);
    must(dmaMapSgtable(b.task, device, table, 'fromDevice'));
    expect([table.nents, table.origNents]).to.deep.equal([2, 4]);
    const all = [...forEachSgtableSg(table)];
    expect(all.map(sgDmaLen)).to.deep.equal([96 + 4096 + 10, 20, 0, 0]);
    device.write(sgDmaAddress(at(all, 0)) + 96, Uint8Array.of(8));
    dmaUnmapSgtable(b.task, device, table, 'fromDevice');
    expect(b.machine.physical(at(b.low, 1))[0]).to.equal(8);
  });

  it('leaves nothing behind where the k-th entry finds the bounce pool full', () => {
    const succeeded: number[] = [];
    for (let taken = 0; taken <= 8; taken += 1) {
      const b = dmaFixture({ bounceSlots: 8 });
      const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
      for (let i = 0; i < taken; i += 1) b.pool.take(1);
      const table = tableOf([0, 1, 2, 3].map((n): Entry => [at(b.high, n), 10, 2000]));
      const before = table.nents;
      const mapped = dmaMapSgtable(b.task, device, table, 'bidirectional');
      if (mapped.ok) {
        succeeded.push(taken);
        continue;
      }
      expect(mapped.error).to.deep.equal({
        code: 'BounceExhausted',
        needBytes: 2000,
        freeBytes: 0,
        largestRunBytes: 0,
      });
      expect([b.pool.slotsInUse, device.liveMappings, table.nents]).to.deep.equal([taken, 0, before]);
      expect(segments(table).every(([, length]) => length === 0)).to.equal(true);
      const again = tableOf([[at(b.high, 0), 0, 1]]);
      expect(codeOf(dmaMapSgtable(b.task, device, again, 'toDevice'))).to.equal(
        taken === 8 ? 'BounceExhausted' : 'ok',
      );
    }
    expect(succeeded).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('copies nothing back from entries that it unmaps because a later one failed', () => {
    const b = dmaFixture({ bounceSlots: 1 });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const bounced = b.machine.ledger.bytesBounced;
    const table = tableOf([
      [at(b.high, 0), 0, 8],
      [at(b.high, 1), 0, 8],
    ]);
    expect(codeOf(dmaMapSgtable(b.task, device, table, 'fromDevice'))).to.equal('BounceExhausted');
    expect(b.machine.ledger.bytesBounced - bounced).to.equal(8);
  });

  it('marks bus addresses of other devices, in the order of the list, and unmaps nothing for them', () => {
    for (const iommu of [undefined, {}]) {
      const b = dmaFixture();
      const [bar] = b.machine.ioRegion(1);
      if (bar === undefined) throw new Error('no page');
      const device = new DmaDevice(b.machine, { ...(iommu && { iommu }) });
      const table = tableOf([
        [at(b.low, 0), 0, 4096],
        [bar, 0, 4096],
        [at(b.low, 2), 0, 4096],
      ]);
      must(dmaMapSgtable(b.task, device, table, 'bidirectional'));
      const all = [...forEachSgtableDmaSg(table)];
      expect(all.map(sgDmaIsBusAddress)).to.deep.equal([false, true, false]);
      expect([sgDmaAddress(at(all, 1)), device.liveMappings]).to.deep.equal([bar.phys, 2]);
      dmaUnmapSgtable(b.task, device, table, 'bidirectional');
      expect(all.map(sgDmaIsBusAddress)).to.deep.equal([false, false, false]);
      device.checkLeaks();
    }
  });

  it('refuses the memory of other devices where it cannot be reached, and maps nothing', () => {
    const b = dmaFixture();
    const [bar] = b.machine.ioRegion(1);
    if (bar === undefined) throw new Error('no page');
    const device = new DmaDevice(b.machine, { peerToPeer: 'unsupported' });
    const table = tableOf([
      [at(b.low, 0), 0, 16],
      [bar, 0, 16],
    ]);
    expect(codeOf(dmaMapSgtable(b.task, device, table, 'toDevice'))).to.equal('NotSupported');
    expect(device.liveMappings).to.equal(0);
  });

  it('refuses entries without pages', () => {
    const b = dmaFixture();
    const table = must(sgAllocTable<MemoryKind>(2));
    const device = new DmaDevice(b.machine);
    expect(violationOf(() => dmaMapSgtable(b.task, device, table, 'toDevice'))).to.equal('sg-empty-entry');
  });

  it('is undone once; the count of segments is that of entries again on a strict machine only', () => {
    for (const [options, nents] of [
      [{}, 2],
      [AS_LINUX, 1],
    ] as const) {
      const b = dmaFixture(options);
      const device = new DmaDevice(b.machine, { iommu: {} });
      const table = tableOf([
        [at(b.high, 0), 0, 4096],
        [at(b.low, 0), 0, 4096],
      ]);
      must(dmaMapSgtable(b.task, device, table, 'toDevice'));
      dmaUnmapSgtable(b.task, device, table, 'toDevice');
      expect(table.nents).to.equal(nents);
    }
    const b = dmaFixture();
    const table = tableOf([[at(b.high, 0), 0, 4096]]);
    const device = new DmaDevice(b.machine);
    must(dmaMapSgtable(b.task, device, table, 'toDevice'));
    dmaUnmapSgtable(b.task, device, table, 'toDevice');
    expect(
      violationOf(() => {
        dmaUnmapSgtable(b.task, device, table, 'toDevice');
      }),
    ).to.equal('dma-not-mapped');
  });
});

describe('dma_sync_sgtable', () => {
  it('moves bounced bytes to the CPU and back, and ownership with them', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const table = tableOf([
      [at(b.high, 0), 0, 8],
      [at(b.low, 0), 8, 8],
    ]);
    must(dmaMapSgtable(b.task, device, table, 'bidirectional'));
    const [, second] = segments(table);
    device.write(second?.[0] ?? 0, Uint8Array.of(5));
    dmaSyncSgtableForCpu(b.task, device, table, 'bidirectional');
    expect(b.machine.physical(at(b.low, 0))[8]).to.equal(5);
    expect(violationOf(() => device.read(second?.[0] ?? 0, 1))).to.equal('dma-device-access');
    b.machine.physical(at(b.low, 0))[8] = 6;
    dmaSyncSgtableForDevice(b.task, device, table, 'bidirectional');
    expect(device.read(second?.[0] ?? 0, 1)[0]).to.equal(6);
    dmaUnmapSgtable(b.task, device, table, 'bidirectional');
  });
});
