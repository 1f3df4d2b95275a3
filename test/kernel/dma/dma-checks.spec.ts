import { expect } from 'chai';
import {
  DmaDevice,
  dmaMapPage,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  dmaUnmapSingle,
  kmapLocalPage,
} from 'scatterlist/machine';
import type { DmaAddr } from 'scatterlist';
import type { DmaDirection } from 'scatterlist/machine';
import type { DmaHow } from '../../../lib/kernel/dma/dma-call.ts';
import { DMA_WAYS, at, dmaFixture, must } from './dma-fixture.ts';
import { violationOf } from '../violations.ts';

for (const [way, options] of Object.entries(DMA_WAYS)) {
  describe(`the driver of a device that reaches memory ${way}`, () => {
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

describe('a sync', () => {
  const syncs = { cpu: dmaSyncSingleForCpu, device: dmaSyncSingleForDevice };
  const directions: readonly DmaDirection[] = ['fromDevice', 'toDevice', 'bidirectional'];

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

describe('the result of a map', () => {
  it('must be looked at before its unmap, and is of one mapping each', () => {
    for (const iommu of [false, true]) {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, iommu ? { iommu: {} } : {});
      const map = () => dmaMapPage(b.task, device, at(b.low, 0), 0, 64, 'toDevice');
      const end = (address: DmaAddr): string =>
        violationOf(() => {
          dmaUnmapPage(b.task, device, address, 64, 'toDevice');
        });
      const unseen = map();
      const { value } = unseen as { readonly value: DmaAddr };
      expect(end(value)).to.equal('dma-unchecked');
      expect(unseen.ok).to.equal(true);
      expect(end(value)).to.equal('none');
      expect(end(must(map()))).to.equal('none');
    }
  });
});

describe('a page that was freed', () => {
  it('is only read by a map of it: what is written to it later is still found', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine);
    const page = at(b.high, 0);
    const raw = b.machine.physical(page);
    b.machine.freePage(page);
    must(dmaMapPage(b.task, device, page, 0, 64, 'toDevice'));
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['use-after-free']);
    b.machine.checkPoison();
    expect(b.machine.violations).to.have.length(1);
    raw[77] = 5;
    b.machine.checkPoison();
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['use-after-free', 'use-after-free']);
  });
});

describe('the entries of a list', () => {
  const map = (how: DmaHow) => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine);
    const pieces = [{ page: at(b.low, 0), offset: 0, length: 64 }];
    const address = at(must(device.map(b.task, pieces, 'fromDevice', how)), 0).address;
    return (entries: number | undefined): string =>
      violationOf(() => {
        device.sync(b.task, 'cpu', address, 64, 'fromDevice', entries === undefined ? {} : { entries });
      });
  };

  it('are as many at a sync as at the map, where both are of a list', () => {
    expect([1, 2, 0, undefined].map(map({ call: 'sg' }))).to.deep.equal([
      'none',
      'dma-mismatch',
      'dma-mismatch',
      'none',
    ]);
    expect([1, 2, undefined].map(map({ call: 'page' }))).to.deep.equal(['none', 'none', 'none']);
  });
});

describe('a page that is freed while it is mapped through a bounce buffer', () => {
  it('is reported by each sync and unmap that copies', () => {
    const directions: readonly DmaDirection[] = ['fromDevice', 'toDevice', 'bidirectional'];
    const copies = directions.map((direction) =>
      (['cpu', 'device', 'unmap'] as const).map((act) => {
        const b = dmaFixture({ onViolation: 'record' });
        const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
        const page = at(b.high, 0);
        const address = must(dmaMapPage(b.task, device, page, 0, 64, direction));
        b.machine.freePage(page);
        const before = b.machine.violations.length;
        if (act === 'unmap') device.unmap(b.task, address, 64, direction, { call: 'page' });
        else device.sync(b.task, act, address, 64, direction);
        return b.machine.violations.slice(before).some(({ rule }) => rule === 'use-after-free');
      }),
    );
    expect(copies).to.deep.equal([
      [true, false, true],
      [false, true, false],
      [true, true, true],
    ]);
  });
});

describe('what the CPU may not touch', () => {
  it('is told as mapped, or as unmapped without a sync', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine);
    const page = at(b.high, 0);
    const skip = { skipCpuSync: true };
    const address = must(dmaMapPage(b.task, device, page, 0, 64, 'fromDevice', skip));
    const m = kmapLocalPage(b.task, page);
    expect(() => m.load8(0)).to.throw('mapped fromDevice');
    dmaUnmapPage(b.task, device, address, 64, 'fromDevice', skip);
    expect(() => m.load8(0)).to.throw('unmapped without a sync for the CPU');
  });
});

describe('a segment that crosses the boundary of its device', () => {
  it('is reported of a list, and of nothing else', () => {
    const rule = (how: DmaHow, length: number): string => {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, { segmentBoundaryMask: 0xfff });
      return violationOf(() =>
        device.map(b.task, [{ page: at(b.low, 0), offset: 4000, length }], 'toDevice', how),
      );
    };
    expect([rule({ call: 'sg' }, 96), rule({ call: 'sg' }, 97), rule({}, 97)]).to.deep.equal([
      'none',
      'dma-segment',
      'dma-segment',
    ]);
    expect(rule({ call: 'page' }, 97)).to.equal('none');
  });
});
