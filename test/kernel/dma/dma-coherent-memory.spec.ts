import { expect } from 'chai';
import { virtAddr } from 'scatterlist';
import { DmaDevice, dmaAllocCoherent, dmaFreeCoherent, dmaMapPage, dmaUnmapPage } from 'scatterlist/machine';
import { at, codeOf, dmaFixture, must } from './dma-fixture.ts';
import { violationOf } from '../violations.ts';

describe('the coherent memory of a device', () => {
  it('fails without leaving anything: no pages, none below the mask, no bus addresses, no size', () => {
    const b = dmaFixture({ lowmemPages: 64 });
    const { memory } = b.machine.hardware;
    const free = memory.freePages('lowmem');
    expect(dmaAllocCoherent(b.task, new DmaDevice(b.machine), 4096 * free + 1)).to.deep.equal({
      ok: false,
      error: {
        code: 'NoMemory',
        wanted: free + 1,
        available: free,
        largestRunPages: memory.longestFreeRun('lowmem'),
      },
    });
    const first = memory.endPfn - free;
    const next = must(dmaAllocCoherent(b.task, new DmaDevice(b.machine), 1)).page;
    expect(next.pfn).to.be.below(first);
    for (const [mask, code] of [
      [next.phys + 2 * 4096 - 2, 'Unmappable'],
      [next.phys + 2 * 4096 - 1, 'ok'],
    ] as const)
      expect(codeOf(dmaAllocCoherent(b.task, new DmaDevice(b.machine, { mask }), 4096)), code).to.equal(code);
    const few = new DmaDevice(b.machine, { iommu: { pages: 2 } });
    expect(codeOf(dmaAllocCoherent(b.task, few, 2 * 4096))).to.equal('NoVirtualSpace');
    for (const size of [0, -1, 0.5, NaN, Infinity, 2 ** 32])
      expect(violationOf(() => dmaAllocCoherent(b.task, few, size))).to.equal('dma-range');
    expect([few.liveMappings, memory.freePages('lowmem')]).to.deep.equal([0, free - 2]);
  });

  it('is left in leaks of the device, and its pages are not to be freed by themselves', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine);
    const { page, cpuAddress, handle } = must(dmaAllocCoherent(b.task, device, 4096));
    device.checkLeaks();
    b.machine.freePage(page);
    const next = b.machine.allocPage({ zone: 'lowmem' });
    expect(next).to.equal(page);
    dmaFreeCoherent(b.task, device, 4096, cpuAddress, handle);
    expect(next.isAllocated).to.equal(true);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['leak', 'freed-under-dma']);
  });

  it('frees nothing that is mapped otherwise; unmapping frees no coherent memory', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine);
    const page = at(b.low, 0);
    const mapped = must(dmaMapPage(b.task, device, page, 0, 64, 'bidirectional'));
    dmaFreeCoherent(b.task, device, 64, virtAddr(b.machine.hardware.addresses.direct(page.pfn)), mapped);
    expect([page.isAllocated, device.liveMappings]).to.deep.equal([true, 0]);
    const made = must(dmaAllocCoherent(b.task, device, 64));
    dmaUnmapPage(b.task, device, made.handle, 64, 'bidirectional', { skipCpuSync: true });
    expect([made.page.isAllocated, device.liveMappings, b.machine.deviceOwned.isIdle]).to.deep.equal([
      true,
      0,
      true,
    ]);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-mismatch', 'dma-mismatch']);
  });

  it('finds the coherent memory where its pages are mapped, too', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine);
    const { page, cpuAddress, handle } = must(dmaAllocCoherent(b.task, device, 64));
    const skip = { skipCpuSync: true };
    const mapped = must(dmaMapPage(b.task, device, page, 0, 64, 'bidirectional', skip));
    expect(mapped).to.equal(handle);
    dmaUnmapPage(b.task, device, mapped, 64, 'bidirectional', skip);
    expect(page.isAllocated).to.equal(true);
    dmaFreeCoherent(b.task, device, 64, cpuAddress, handle);
    expect([page.isAllocated, device.liveMappings]).to.deep.equal([false, 0]);
  });

  it('frees the coherent memory where its pages are still mapped, which is reported', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine);
    const { page, cpuAddress, handle } = must(dmaAllocCoherent(b.task, device, 64));
    must(dmaMapPage(b.task, device, page, 0, 64, 'bidirectional', { skipCpuSync: true }));
    dmaFreeCoherent(b.task, device, 64, cpuAddress, handle);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['freed-under-dma']);
    expect([page.isAllocated, device.liveMappings]).to.deep.equal([false, 1]);
  });

  it('gives the bus addresses back', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: { pages: 3 } });
    for (let round = 0; round < 3; round += 1) {
      const { cpuAddress, handle } = must(dmaAllocCoherent(b.task, device, 4097));
      expect(codeOf(dmaAllocCoherent(b.task, device, 4097))).to.equal('NoVirtualSpace');
      dmaFreeCoherent(b.task, device, 4097, cpuAddress, handle);
    }
  });
});
