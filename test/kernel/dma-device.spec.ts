import { expect } from 'chai';
import {
  DmaDevice,
  dmaMapPage,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  kmapLocalPage,
  kunmapLocal,
} from 'scatterlist/machine';
import type { DmaDeviceOptions, DmaDirection } from 'scatterlist/machine';
import { dmaAddr } from 'scatterlist';
import { at, codeOf, dmaBench, must } from './dma-bench.ts';
import type { DmaBench } from './dma-bench.ts';
import { violationOf } from './violations.ts';

// The ways of a device to memory; each must look the same to a correct driver.
const WAYS: Readonly<Record<string, (b: DmaBench) => DmaDeviceOptions>> = {
  direct: () => ({}),
  'through an IOMMU': () => ({ iommu: {} }),
  'through bounce buffers': ({ pool }) => ({ bounce: { pool, always: true } }),
};

for (const [way, options] of Object.entries(WAYS)) {
  describe(`a device that reaches memory ${way}`, () => {
    it('reads what the CPU wrote before, and the CPU reads what it wrote', () => {
      for (const zone of ['low', 'high'] as const) {
        const b = dmaBench();
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
      const b = dmaBench();
      const device = new DmaDevice(b.machine, options(b));
      b.machine.physical(at(b.high, 0)).fill(9);
      const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 4096, 'fromDevice'));
      device.write(address, Uint8Array.of(1));
      dmaUnmapPage(b.task, device, address, 4096, 'fromDevice');
      expect([...b.machine.physical(at(b.high, 0)).subarray(0, 2)]).to.deep.equal([1, 9]);
    });

    it('reaches pages that follow each other in one mapping', () => {
      const b = dmaBench();
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
      const b = dmaBench();
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
      const b = dmaBench();
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
      const b = dmaBench();
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
      const b = dmaBench();
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
      const b = dmaBench({ onViolation: 'record' });
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
    const b = dmaBench();
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
    const b = dmaBench({ onViolation: 'record' });
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
    const b = dmaBench({ bounceSlots: 256, lowmemPages: 512 });
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
    const b = dmaBench({ onViolation: 'record' });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, 'fromDevice'));
    device.write(address, new Uint8Array(64).fill(5));
    dmaSyncSingleForCpu(b.task, device, address, 32, 'fromDevice');
    const window = kmapLocalPage(b.task, at(b.high, 0));
    expect([window.load8(31), window.load8(32)]).to.deep.equal([5, 0]);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-cpu-access']);
  });

  it('take what the CPU wrote with a sync for the device, and not without', () => {
    const b = dmaBench({ onViolation: 'record' });
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
    const b = dmaBench();
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

describe('memory of another device', () => {
  for (const iommu of [undefined, {}]) {
    it(`is reached at its bus address, through the host bridge, or not at all${iommu === undefined ? '' : ', past an IOMMU'}`, () => {
      const b = dmaBench();
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
    const b = dmaBench();
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
      const b = dmaBench({ dcacheColours: 2 });
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
    const b = dmaBench({ dcacheColours: 1 });
    const device = new Careless(b.machine);
    const page = at(b.high, 0);
    const m = kmapLocalPage(b.task, page);
    m.store8(1, 7);
    const address = must(dmaMapPage(b.task, device, page, 0, 8, 'toDevice'));
    expect(device.read(address, 1)[0]).to.equal(0);
    expect(violationOf(() => device.read(address, 2))).to.equal('stale-cache');
  });

  it('loses what the device wrote to a line that the CPU shares and writes meanwhile', () => {
    const b = dmaBench({ dcacheColours: 1 });
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
