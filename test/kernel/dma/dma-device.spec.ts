import { expect } from 'chai';
import {
  DmaDevice,
  dmaMapPage,
  dmaMaxMappingSize,
  dmaSetMask,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  dmaUnmapSingle,
  kmapLocalPage,
  kunmapLocal,
} from 'scatterlist/machine';
import type { DmaDeviceOptions, DmaDirection } from 'scatterlist/machine';
import { dmaAddr } from 'scatterlist';
import type { Page } from 'scatterlist';
import { at, codeOf, dmaFixture, must } from './dma-fixture.ts';
import type { DmaFixture } from './dma-fixture.ts';
import { violationOf } from '../violations.ts';

// The ways of a device to memory; each must look the same to a correct driver.
const WAYS: Readonly<Record<string, (b: DmaFixture) => DmaDeviceOptions>> = {
  direct: () => ({}),
  'through an IOMMU': () => ({ iommu: {} }),
  'through bounce buffers': ({ pool }) => ({ bounce: { pool, always: true } }),
};

for (const [way, options] of Object.entries(WAYS)) {
  describe(`a device that reaches memory ${way}`, () => {
    it('reads what the CPU wrote before, and the CPU reads what it wrote', () => {
      for (const zone of ['low', 'high'] as const) {
        const b = dmaFixture();
        const device = new DmaDevice(b.machine, options(b));
        const page = at(b[zone], 1);
        b.machine.physical(page).fill(7);
        const address = must(dmaMapPage(b.task, device, page, 100, 50, 'bidirectional'));
        expect([...device.read(address + 10, 2)]).to.deep.equal([7, 7]);
        device.write(address + 20, Uint8Array.of(1, 2));
        dmaUnmapPage(b.task, device, address, 50, 'bidirectional');
        expect([...b.machine.physical(page).subarray(119, 123)]).to.deep.equal([7, 1, 2, 7]);
        expect([device.liveMappings, b.pool.slotsInUse]).to.deep.equal([0, 0]);
      }
    });

    it('leaves bytes alone that it did not write', () => {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, options(b));
      b.machine.physical(at(b.high, 0)).fill(9);
      const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 4096, 'fromDevice'));
      device.write(address, Uint8Array.of(1));
      dmaUnmapPage(b.task, device, address, 4096, 'fromDevice');
      expect([...b.machine.physical(at(b.high, 0)).subarray(0, 2)]).to.deep.equal([1, 9]);
    });

    it('reaches pages that follow each other in one mapping', () => {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, options(b));
      const address = must(dmaMapPage(b.task, device, at(b.low, 0), 4090, 20, 'fromDevice'));
      device.write(address, new Uint8Array(20).fill(3));
      dmaUnmapPage(b.task, device, address, 20, 'fromDevice');
      expect([b.machine.physical(at(b.low, 0))[4095], b.machine.physical(at(b.low, 1))[13]]).to.deep.equal([
        3, 3,
      ]);
      expect(b.machine.physical(at(b.low, 1))[14]).to.equal(0);
    });

    it('owns the memory until it is unmapped or synced', () => {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, options(b));
      const page = at(b.high, 0);
      const address = must(dmaMapPage(b.task, device, page, 8, 8, 'fromDevice'));
      const window = kmapLocalPage(b.task, page);
      const load = (offset: number): string => violationOf(() => window.load8(offset));
      expect([load(7), load(8), load(15), load(16)]).to.deep.equal([
        'none',
        'dma-cpu-access',
        'dma-cpu-access',
        'none',
      ]);
      dmaSyncSingleForCpu(b.task, device, dmaAddr(address + 4), 4, 'fromDevice');
      expect([load(11), load(12), load(15)]).to.deep.equal(['dma-cpu-access', 'none', 'none']);
      expect(
        violationOf(() => {
          device.write(address + 3, Uint8Array.of(1, 1));
        }),
      ).to.equal('dma-device-access');
      dmaSyncSingleForDevice(b.task, device, dmaAddr(address + 4), 4, 'fromDevice');
      expect(load(12)).to.equal('dma-cpu-access');
      device.write(address + 3, Uint8Array.of(1, 1));
      dmaUnmapPage(b.task, device, address, 8, 'fromDevice');
      expect([load(8), load(11), window.load8(11)]).to.deep.equal(['none', 'none', 1]);
      kunmapLocal(b.task, window);
    });

    it('lets the CPU read, not write, what it only reads itself', () => {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, options(b));
      must(dmaMapPage(b.task, device, at(b.low, 0), 0, 16, 'toDevice'));
      const window = kmapLocalPage(b.task, at(b.low, 0));
      expect(violationOf(() => window.load8(3))).to.equal('none');
      expect(
        violationOf(() => {
          window.store8(3, 1);
        }),
      ).to.equal('dma-cpu-access');
    });

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

    it('has each mapping ended once, as it was made, and all of them', () => {
      const b = dmaFixture({ onViolation: 'record' });
      const device = new DmaDevice(b.machine, options(b));
      const rules = (action: () => void): readonly string[] => {
        const before = b.machine.violations.length;
        action();
        return b.machine.violations.slice(before).map(({ rule }) => rule);
      };
      const address = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 16, 'toDevice'));
      const end = (length: number, direction: DmaDirection) => () => {
        dmaUnmapPage(b.task, device, address, length, direction);
      };
      expect(
        rules(() => {
          device.checkLeaks();
        }),
      ).to.deep.equal(['leak']);
      expect(rules(end(15, 'fromDevice'))).to.deep.equal(['dma-mismatch', 'dma-mismatch']);
      expect(rules(end(16, 'toDevice'))).to.deep.equal(['dma-not-mapped']);
      expect(
        rules(() => {
          dmaSyncSingleForCpu(b.task, device, address, 16, 'toDevice');
        }),
      ).to.deep.equal(['dma-not-mapped']);
      expect(
        rules(() => {
          device.checkLeaks();
        }),
      ).to.deep.equal([]);
    });
  });
}

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
      error: { code: 'BounceExhausted', needBytes: 1, freeBytes: 0 },
    });
    dmaUnmapPage(b.task, device, one, 256 * 1024, 'toDevice');
    expect(codeOf(map(1))).to.equal('ok');
  });

  it('show the CPU old bytes where the wrong range is synced', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, 'fromDevice'));
    device.write(address, new Uint8Array(64).fill(5));
    dmaSyncSingleForCpu(b.task, device, address, 32, 'fromDevice');
    const window = kmapLocalPage(b.task, at(b.high, 0));
    expect([window.load8(31), window.load8(32)]).to.deep.equal([5, 0]);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-cpu-access']);
  });

  it('take what the CPU wrote with a sync for the device, and not without', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, 'toDevice'));
    const window = kmapLocalPage(b.task, at(b.high, 0));
    window.store8(0, 1);
    expect(device.read(address, 1)[0]).to.equal(0);
    dmaSyncSingleForDevice(b.task, device, address, 64, 'toDevice');
    expect(device.read(address, 1)[0]).to.equal(1);
  });
});

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
        error: { code: 'NoVirtualSpace', needPages: 4, freePages: 2 },
      });
      device.unmap(b.task, second.address, 4096, 'toDevice');
    }
    device.checkLeaks();
  });
});

describe('a DMA mapping that is left', () => {
  it('is reported by checkLeaks() of its device, not of the machine', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, {});
    const address = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 16, 'toDevice'));
    expect(
      violationOf(() => {
        b.machine.checkLeaks();
      }),
    ).to.equal('none');
    expect(
      violationOf(() => {
        device.checkLeaks();
      }),
    ).to.equal('leak');
    dmaUnmapPage(b.task, device, address, 16, 'toDevice');
    device.checkLeaks();
  });
});

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

/** A device that forgets to fill its bounce buffers. */
class Forgetful extends DmaDevice {
  protected override initialise(): void {
    // Whatever the last user left stays.
  }
}

describe('a bounce buffer that was not filled', () => {
  const rules = (direction: DmaDirection, use: (device: DmaDevice, address: number) => void): string => {
    const b = dmaFixture();
    const device = new Forgetful(b.machine, { bounce: { pool: b.pool, always: true } });
    const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, direction));
    return violationOf(() => {
      use(device, address);
      dmaUnmapPage(b.task, device, address, 64, direction);
    });
  };

  it('shows where its old bytes reach the driver or the device, and only there', () => {
    expect(rules('fromDevice', () => undefined)).to.equal('torn-bounce');
    expect(rules('fromDevice', (device, a) => device.write(a, new Uint8Array(63)))).to.equal('torn-bounce');
    expect(rules('fromDevice', (device, a) => device.write(a, new Uint8Array(64)))).to.equal('none');
    expect(rules('toDevice', () => undefined)).to.equal('none');
    expect(rules('toDevice', (device, a) => void device.read(a + 10, 1))).to.equal('torn-bounce');
  });
});

describe('a data cache that is not coherent with devices', () => {
  for (const [way, options] of Object.entries(WAYS)) {
    it(`is maintained by map, unmap and sync: ${way}`, () => {
      const b = dmaFixture({ dcacheColours: 2 });
      const device = new DmaDevice(b.machine, options(b));
      const page = at(b.high, 0);
      const m = kmapLocalPage(b.task, page);
      m.fill(1, 0, 100);
      expect(b.machine.physical(page)[0]).to.equal(0);
      const address = must(dmaMapPage(b.task, device, page, 10, 80, 'bidirectional'));
      expect([...device.read(address, 2)]).to.deep.equal([1, 1]);
      device.write(address, Uint8Array.of(2));
      dmaSyncSingleForCpu(b.task, device, address, 80, 'bidirectional');
      expect([m.load8(9), m.load8(10), m.load8(11)]).to.deep.equal([1, 2, 1]);
      m.store8(11, 3);
      dmaSyncSingleForDevice(b.task, device, address, 80, 'bidirectional');
      expect([...device.read(address, 2)]).to.deep.equal([2, 3]);
      device.write(address + 79, Uint8Array.of(4));
      dmaUnmapPage(b.task, device, address, 80, 'bidirectional');
      expect([m.load8(89), m.load8(90)]).to.deep.equal([4, 1]);
      kunmapLocal(b.task, m);
    });
  }

  it('shows a device old bytes where it is not maintained', () => {
    class Careless extends DmaDevice {
      protected override maintain(): void {
        // As if the cache were coherent.
      }
    }
    const b = dmaFixture({ dcacheColours: 1 });
    const device = new Careless(b.machine);
    const page = at(b.high, 0);
    const m = kmapLocalPage(b.task, page);
    m.store8(1, 7);
    const address = must(dmaMapPage(b.task, device, page, 0, 8, 'toDevice'));
    expect(device.read(address, 1)[0]).to.equal(0);
    expect(violationOf(() => device.read(address, 2))).to.equal('stale-cache');
  });

  it('loses what the device wrote to a line that the CPU shares and writes meanwhile', () => {
    const b = dmaFixture({ dcacheColours: 1 });
    const device = new DmaDevice(b.machine);
    const page = at(b.high, 0);
    const m = kmapLocalPage(b.task, page);
    const address = must(dmaMapPage(b.task, device, page, 16, 16, 'fromDevice'));
    m.store8(0, 1);
    device.write(address, Uint8Array.of(2));
    dmaUnmapPage(b.task, device, address, 16, 'fromDevice');
    expect(violationOf(() => m.load8(16))).to.equal('stale-cache');
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

describe('one of several mappings at an address', () => {
  const skip = { skipCpuSync: true };

  it('ends by its length and direction, whichever was made last', () => {
    const directions: readonly DmaDirection[] = ['fromDevice', 'toDevice', 'bidirectional'];
    for (const lengths of [
      [64, 64, 64],
      [64, 64, 32],
      [32, 64, 64],
    ])
      for (const first of [0, 1, 2]) {
        const b = dmaFixture();
        const device = new DmaDevice(b.machine);
        const wanted = directions.map((direction, i) => ({ direction, length: at(lengths, i) }));
        const addresses = wanted.map(({ direction, length }) =>
          must(dmaMapPage(b.task, device, at(b.low, 0), 0, length, direction, skip)),
        );
        expect(new Set(addresses).size).to.equal(1);
        for (let i = 0; i < 3; i += 1) {
          const { direction, length } = at(wanted, (first + i) % 3);
          dmaUnmapPage(b.task, device, at(addresses, 0), length, direction, skip);
        }
        expect(device.liveMappings).to.equal(0);
      }
  });

  it('is the one of its length where none has the direction, which is reported', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine);
    const address = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 64, 'toDevice', skip));
    must(dmaMapPage(b.task, device, at(b.low, 0), 0, 32, 'toDevice', skip));
    dmaUnmapPage(b.task, device, address, 64, 'bidirectional', skip);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-mismatch']);
    dmaUnmapPage(b.task, device, address, 32, 'toDevice', skip);
    expect([b.machine.violations.length, device.liveMappings]).to.deep.equal([1, 0]);
  });
});

describe('a sync', () => {
  const syncs = { cpu: dmaSyncSingleForCpu, device: dmaSyncSingleForDevice };
  const directions: readonly DmaDirection[] = ['fromDevice', 'toDevice', 'bidirectional'];
  const bounced = (b: DmaFixture): DmaDeviceOptions => ({ bounce: { pool: b.pool, always: true } });

  it('of another direction is reported; on compatible machines not for what goes both ways', () => {
    for (const semantics of ['strict', 'compatible'] as const)
      for (const mapped of directions)
        for (const synced of directions)
          for (const sync of [syncs.cpu, syncs.device]) {
            const b = dmaFixture({ semantics });
            const device = new DmaDevice(b.machine);
            const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, mapped));
            const allowed = mapped === synced || (semantics === 'compatible' && mapped === 'bidirectional');
            const found = violationOf(() => {
              sync(b.task, device, address, 64, synced);
            });
            expect(found, `${semantics}, ${mapped} synced ${synced}`).to.equal(
              allowed ? 'none' : 'dma-mismatch',
            );
          }
  });

  it('copies into a bounce buffer for the device alone, and only what may go there', () => {
    for (const direction of directions)
      for (const owner of ['cpu', 'device'] as const) {
        const b = dmaFixture();
        const device = new DmaDevice(b.machine, bounced(b));
        const page = at(b.high, 0);
        const address = must(dmaMapPage(b.task, device, page, 0, 64, direction));
        const run = b.pool.runAt(0, 64);
        run.bytes.fill(7);
        b.machine.physical(page).fill(8);
        syncs[owner](b.task, device, address, 64, direction);
        const [memory, buffer] = [b.machine.physical(page)[63], run.bytes[63]];
        const name = `${direction}, for the ${owner}`;
        expect(buffer, name).to.equal(owner === 'device' && direction !== 'fromDevice' ? 8 : 7);
        expect(memory, name).to.equal(owner === 'cpu' && direction !== 'toDevice' ? 7 : 8);
      }
  });

  it('for the device writes a cache back that is not coherent, in every direction', () => {
    for (const direction of directions) {
      const b = dmaFixture({ dcacheColours: 1 });
      const device = new DmaDevice(b.machine);
      const m = kmapLocalPage(b.task, at(b.high, 0));
      const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, direction));
      dmaSyncSingleForCpu(b.task, device, address, 64, direction);
      m.store8(3, 9);
      dmaSyncSingleForDevice(b.task, device, address, 64, direction);
      expect(b.machine.physical(at(b.high, 0))[3], direction).to.equal(9);
      if (direction !== 'fromDevice') expect(device.read(address, 4)[3], direction).to.equal(9);
    }
  });

  it('for the CPU drops what a cache holds of what the device wrote, and nothing of what it only reads', () => {
    for (const direction of directions) {
      const b = dmaFixture({ dcacheColours: 1 });
      const device = new DmaDevice(b.machine);
      const m = kmapLocalPage(b.task, at(b.high, 0));
      m.store8(3, 1);
      const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, direction));
      if (direction === 'toDevice') m.load8(3);
      else device.write(address, new Uint8Array(64).fill(9));
      dmaSyncSingleForCpu(b.task, device, address, 64, direction);
      expect(m.load8(3), direction).to.equal(direction === 'toDevice' ? 1 : 9);
    }
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

describe('a map that is reported', () => {
  it('leaves nothing behind', () => {
    const b = dmaFixture();
    const bounce = { pool: b.pool, always: true };
    const same = [0, 0].map(() => ({ page: at(b.high, 0), offset: 0, length: 64 }));
    for (const options of [{}, { iommu: {} }, { bounce }, { iommu: {}, bounce }]) {
      const device = new DmaDevice(b.machine, options);
      expect(violationOf(() => device.map(b.task, same, 'fromDevice'))).to.equal('dma-overlap');
      for (const length of [0, -1, 0.5])
        expect(violationOf(() => dmaMapPage(b.task, device, at(b.high, 0), 0, length, 'toDevice'))).to.equal(
          'dma-range',
        );
      expect([device.liveMappings, b.pool.slotsInUse, b.machine.deviceOwned.isIdle]).to.deep.equal([
        0,
        0,
        true,
      ]);
    }
  });
});

describe('DMA_ATTR_SKIP_CPU_SYNC', () => {
  const skip = { skipCpuSync: true };

  it('leaves nothing behind in a page that is freed: its next owner may read it', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, {});
    const page = b.machine.allocPage({ zone: 'highmem' });
    const address = must(dmaMapPage(b.task, device, page, 0, 64, 'fromDevice', skip));
    dmaUnmapPage(b.task, device, address, 64, 'fromDevice', skip);
    expect(b.machine.deviceOwned.isIdle).to.equal(false);
    b.machine.freePage(page);
    expect(b.machine.deviceOwned.isIdle).to.equal(true);
    const next = b.machine.allocPage({ zone: 'highmem' });
    expect(next).to.equal(page);
    const m = kmapLocalPage(b.task, next);
    expect(violationOf(() => m.load8(0))).to.equal('none');
  });

  it('copies nothing back at the unmap, and lets the CPU read what was synced before', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const page = at(b.high, 0);
    const address = must(dmaMapPage(b.task, device, page, 0, 64, 'fromDevice', skip));
    device.write(address, new Uint8Array(64).fill(5));
    dmaSyncSingleForCpu(b.task, device, address, 32, 'fromDevice');
    dmaUnmapPage(b.task, device, address, 64, 'fromDevice', skip);
    expect([b.machine.physical(page)[31], b.machine.physical(page)[32]]).to.deep.equal([5, 0]);
    const m = kmapLocalPage(b.task, page);
    const load = (offset: number): string => violationOf(() => m.load8(offset));
    expect([load(31), load(32), load(63), load(64)]).to.deep.equal([
      'none',
      'dma-cpu-access',
      'dma-cpu-access',
      'none',
    ]);
    m.store8(32, 1);
    expect([load(32), load(33), b.machine.deviceOwned.isIdle]).to.deep.equal([
      'none',
      'dma-cpu-access',
      false,
    ]);
    const again = must(dmaMapPage(b.task, device, page, 0, 64, 'fromDevice'));
    dmaUnmapPage(b.task, device, again, 64, 'fromDevice');
    expect(load(33)).to.equal('none');
    kunmapLocal(b.task, m);
  });

  it('maintains no cache, and lets mappings overlap', () => {
    const b = dmaFixture({ dcacheColours: 1 });
    const device = new DmaDevice(b.machine);
    const page = at(b.high, 0);
    const m = kmapLocalPage(b.task, page);
    m.store8(0, 7);
    const address = must(dmaMapPage(b.task, device, page, 0, 8, 'bidirectional', skip));
    expect(violationOf(() => device.read(address, 1))).to.equal('stale-cache');
    must(dmaMapPage(b.task, device, page, 0, 8, 'bidirectional', skip));
    expect(violationOf(() => dmaMapPage(b.task, device, page, 0, 8, 'bidirectional'))).to.equal(
      'dma-overlap',
    );
  });
});

describe('a compatible machine', () => {
  it('takes what Linux takes: no bytes, one name for another, half of a way', () => {
    const b = dmaFixture({ semantics: 'compatible' });
    for (const options of [{}, { iommu: {} }, { bounce: { pool: b.pool, always: true } }]) {
      const device = new DmaDevice(b.machine, options);
      const empty = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 0, 'toDevice'));
      dmaUnmapPage(b.task, device, empty, 0, 'toDevice');
      const address = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 64, 'bidirectional'));
      dmaSyncSingleForCpu(b.task, device, address, 64, 'fromDevice');
      dmaUnmapSingle(b.task, device, address, 64, 'bidirectional');
      expect([device.liveMappings, b.pool.slotsInUse]).to.deep.equal([0, 0]);
    }
  });
});
