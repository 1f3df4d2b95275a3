import { expect } from 'chai';
import { dmaAddr, virtAddr } from 'scatterlist';
import {
  DmaDevice,
  dmaAllocCoherent,
  dmaFreeCoherent,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  kmapLocalPage,
  localIrqDisable,
  localIrqEnable,
  virtToPage,
} from 'scatterlist/machine';
import type { DmaDeviceOptions } from 'scatterlist/machine';
import { dmaFixture, must } from './dma-fixture.ts';
import type { DmaFixture } from './dma-fixture.ts';
import { violationOf } from '../violations.ts';

const WAYS: Readonly<Record<string, (b: DmaFixture) => DmaDeviceOptions>> = {
  direct: () => ({}),
  'through an IOMMU': () => ({ iommu: {} }),
  'where everything is bounced': ({ pool }) => ({ bounce: { pool, always: true } }),
  'behind an IOMMU, untrusted': ({ pool }) => ({ iommu: {}, bounce: { pool }, untrusted: true }),
  'behind an IOMMU, bounced': ({ pool }) => ({ iommu: {}, bounce: { pool, always: true } }),
};

const MACHINES = [
  {},
  { mode: 'direct' },
  { dcacheColours: 1 },
  { dcacheColours: 4 },
  { trackUninitialised: true },
] as const;

describe('dma_alloc_coherent', () => {
  for (const [way, options] of Object.entries(WAYS)) {
    it(`is memory that both sides use at any time, ${way}`, () => {
      for (const machine of MACHINES) {
        for (const size of [1, 64, 4096, 4097, 3 * 4096]) {
          const b = dmaFixture(machine);
          const device = new DmaDevice(b.machine, options(b));
          const free = b.machine.hardware.memory.freePages('lowmem');
          const { cpuAddress, handle, page } = must(dmaAllocCoherent(b.task, device, size));
          expect(virtToPage(b.machine, cpuAddress)).to.equal(page);
          const m = kmapLocalPage(b.task, page);
          expect(m.load8(0)).to.equal(0);
          expect(device.read(handle, size)).to.deep.equal(new Uint8Array(size));
          for (let round = 1; round < 3; round += 1) {
            m.store8(0, round);
            expect(device.read(handle, 1)[0]).to.equal(round);
            device.write(handle, Uint8Array.of(10 * round));
            expect(m.load8(0)).to.equal(10 * round);
          }
          m[Symbol.dispose]();
          expect(b.pool.slotsInUse).to.equal(0);
          dmaFreeCoherent(b.task, device, size, cpuAddress, handle);
          device.checkLeaks();
          expect(b.machine.hardware.memory.freePages('lowmem')).to.equal(free);
        }
      }
    });
  }

  it('is zeroed, whoever had the pages before', () => {
    const b = dmaFixture({ lowmemPages: 12 });
    const device = new DmaDevice(b.machine);
    const page = b.machine.allocPage({ zone: 'lowmem' });
    b.machine.physical(page).fill(7);
    b.machine.freePage(page);
    const made = must(dmaAllocCoherent(b.task, device, 4096));
    expect(made.page).to.equal(page);
    expect(b.machine.physical(page)).to.deep.equal(new Uint8Array(4096));
  });

  it('is seen the same at every address of the CPU, in a cache that is not coherent', () => {
    const b = dmaFixture({ dcacheColours: 4 });
    const device = new DmaDevice(b.machine);
    const { page, handle } = must(dmaAllocCoherent(b.task, device, 4096));
    const maps = [0, 1, 2, 3].map(() => kmapLocalPage(b.task, page));
    for (const [i, m] of maps.entries()) {
      m.store8(5, i + 1);
      for (const other of maps) expect(other.load8(5)).to.equal(i + 1);
      expect(device.read(handle + 5, 1)[0]).to.equal(i + 1);
    }
  });

  it("lets a sync be, and its bytes be the CPU's all the time", () => {
    for (const way of Object.values(WAYS)) {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine, way(b));
      const { page, handle } = must(dmaAllocCoherent(b.task, device, 64));
      const m = kmapLocalPage(b.task, page);
      m.store8(0, 5);
      dmaSyncSingleForDevice(b.task, device, handle, 64, 'bidirectional');
      m.store8(0, 6);
      expect(device.read(handle, 1)[0]).to.equal(6);
      dmaSyncSingleForCpu(b.task, device, handle, 64, 'bidirectional');
      device.write(handle, Uint8Array.of(7));
      expect(m.load8(0)).to.equal(7);
    }
  });

  it('ends where it was asked to: the device reaches no byte behind it', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: {} });
    const { handle } = must(dmaAllocCoherent(b.task, device, 100));
    expect(violationOf(() => device.read(handle + 99, 1))).to.equal('none');
    expect(violationOf(() => device.read(handle + 100, 1))).to.equal('dma-fault');
  });
});

describe('dma_free_coherent', () => {
  const bad = { size: [4095, 0, NaN, 2 ** 53], address: [0, 1, NaN], handle: [0, 1, NaN, 2 ** 53] } as const;

  for (const [way, options] of Object.entries(WAYS)) {
    it(`reports another size, address or handle, and frees what the handle names, ${way}`, () => {
      for (const mode of ['checked', 'direct'] as const)
        for (const what of ['size', 'address', 'handle'] as const)
          for (const value of bad[what]) {
            const b = dmaFixture({ mode, onViolation: 'record' });
            const device = new DmaDevice(b.machine, options(b));
            const { memory } = b.machine.hardware;
            const free = memory.freePages('lowmem');
            const { cpuAddress, handle } = must(dmaAllocCoherent(b.task, device, 4096));
            dmaFreeCoherent(
              b.task,
              device,
              what === 'size' ? value : 4096,
              what === 'address' ? virtAddr(value) : cpuAddress,
              what === 'handle' ? dmaAddr(value) : handle,
            );
            const rule = what === 'handle' ? 'dma-not-mapped' : 'dma-mismatch';
            expect(b.machine.violations.map((v) => v.rule)).to.deep.equal([rule]);
            expect(memory.freePages('lowmem')).to.equal(what === 'handle' ? free - 1 : free);
            expect(device.liveMappings).to.equal(what === 'handle' ? 1 : 0);
          }
    });
  }

  it('is reported with interrupts disabled, as the WARN_ON of Linux', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine);
    const { cpuAddress, handle, page } = must(dmaAllocCoherent(b.task, device, 64));
    localIrqDisable(b.task);
    dmaFreeCoherent(b.task, device, 64, cpuAddress, handle);
    localIrqEnable(b.task);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['sleep-in-atomic']);
    expect(page.isAllocated).to.equal(false);
  });
});
