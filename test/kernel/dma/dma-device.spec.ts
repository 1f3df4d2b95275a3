import { expect } from 'chai';
import { ConfigError, dmaAddr } from 'scatterlist';
import type { Page, Task } from 'scatterlist';
import {
  DmaDevice,
  dmaMapPage,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  kmapLocalPage,
  kunmapLocal,
} from 'scatterlist/machine';
import type { DmaDirection } from 'scatterlist/machine';
import { DMA_WAYS, WRONG_ATTRS, at, dmaFixture, must } from './dma-fixture.ts';
import { violationOf } from '../violations.ts';

describe('what a call of a DmaDevice specifies', () => {
  it('is known, or refused in one line', () => {
    const wrong = [
      ...WRONG_ATTRS,
      [{ call: 'pgae' }, /^call is 'pgae'; it must be 'page' or/],
      [{ entries: '1' }, /^entries is '1'; it must be a number$/],
      [{ entry: 1 }, /^a DMA call has no option 'entry'; it has skipCpuSync, call, entries$/],
    ] as const;
    for (const [how, message] of wrong) {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine);
      const piece = { page: at(b.low, 0), offset: 0, length: 64 };
      const refused = (act: () => unknown): void => void expect(act).to.throw(ConfigError, message);
      refused(() => device.map(b.task, [piece], 'toDevice', how as never));
      expect(device.liveMappings).to.equal(0);
      const [segment] = must(device.map(b.task, [piece], 'toDevice', { call: 'page', entries: undefined }));
      const { address } = segment!;
      const range = { address, lengthBytes: 64 };
      refused(() => {
        device.sync(b.task, 'cpu', address, 64, 'toDevice', how as never);
      });
      refused(() => {
        device.syncAll(b.task, 'cpu', [range], 'toDevice', how as never);
      });
      refused(() => {
        device.unmap(b.task, address, 64, 'toDevice', how as never);
      });
      refused(() => {
        device.unmapAll(b.task, [range], 'toDevice', how as never);
      });
      device.sync(b.task, 'cpu', address, 64, 'toDevice', { skipCpuSync: false });
      device.unmap(b.task, address, 64, 'toDevice', { call: 'page' });
      device.checkLeaks();
    }
  });
});

for (const [way, options] of Object.entries(DMA_WAYS)) {
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
  });
}

describe('a data cache that is not coherent with devices', () => {
  for (const [way, options] of Object.entries(DMA_WAYS)) {
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
    expect(violationOf(() => m.load8(16))).to.equal('discarded-line');
  });
});

describe('a sync', () => {
  const directions: readonly DmaDirection[] = ['fromDevice', 'toDevice', 'bidirectional'];

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

describe('every function of a DMA device', () => {
  const functions: Readonly<Record<string, (device: DmaDevice, context: Task, page: Page) => unknown>> = {
    map: (device, context, page) => device.map(context, [{ page, offset: 0, length: 64 }], 'fromDevice'),
    unmap: (device, context) => {
      device.unmap(context, 0, 64, 'fromDevice');
    },
    sync: (device, context) => {
      device.sync(context, 'cpu', 0, 64, 'fromDevice');
    },
    allocCoherent: (device, context) => device.allocCoherent(context, 64),
    freeCoherent: (device, context) => {
      device.freeCoherent(context, 64, 0, 0);
    },
  };
  for (const [name, call] of Object.entries(functions)) {
    it(`is one of the context that calls it, and of no other machine: ${name}`, () => {
      const b = dmaFixture({ onViolation: 'record' });
      const device = new DmaDevice(b.machine);
      const stranger = dmaFixture().task;
      expect(() => call(device, stranger, at(b.low, 0))).to.throw(ConfigError, 'another machine');
      expect([b.machine.violations, device.liveMappings]).to.deep.equal([[], 0]);
      b.machine.enter(b.task);
      const caller = b.machine.task('caller', { cpu: 1 });
      call(device, caller, at(b.low, 0));
      expect(b.machine.executing).to.equal(caller);
    });
  }
});

describe('the length of a sync', () => {
  it('may be 0, and is refused where it is no whole number or more than is mapped', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine);
    const address = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 64, 'fromDevice'));
    const sync = (length: number): string =>
      violationOf(() => {
        device.sync(b.task, 'cpu', address, length, 'fromDevice');
      });
    expect([0, 1, 64].map(sync)).to.deep.equal(['none', 'none', 'none']);
    for (const length of [-1, 0.5, NaN, Infinity, 65])
      expect(sync(length), String(length)).to.equal('dma-not-mapped');
  });
});
