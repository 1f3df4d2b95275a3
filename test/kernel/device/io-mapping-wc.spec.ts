import { expect } from 'chai';
import { ConfigError, createMachine, physAddr } from 'scatterlist';
import {
  IoMapping,
  ioMappingMapAtomicWc,
  ioMappingMapLocalWc,
  ioMappingMapWc,
  ioMappingUnmap,
  ioMappingUnmapAtomic,
  ioMappingUnmapLocal,
  kmapLocalPage,
  kunmapLocal,
} from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

function aperture(options: MachineOptions = {}) {
  const machine = createMachine(options);
  const [first, second] = machine.ioRegion(3);
  const [high] = machine.allocPages(1, { zone: 'highmem' });
  if (!first || !second || !high) throw new Error('no pages');
  return {
    machine,
    task: machine.task(),
    mapping: new IoMapping(machine, first.phys, 2 * 4096),
    second,
    high,
  };
}

describe('struct io_mapping', () => {
  it('maps the page of a byte in a local slot', () => {
    const { machine, task, mapping, second } = aperture();
    const window = ioMappingMapLocalWc(task, mapping, 4096 + 100);
    window.store8(3, 9);
    expect(machine.physical(second)[3]).to.equal(9);
    expect([task.localMaps.idx, task.migrateDisabled, task.preemptCount]).to.deep.equal([1, 1, 0]);
    ioMappingUnmapLocal(task, window);
    expect(task.localMaps.idx).to.equal(0);
  });

  it('shares the slots and the order of kmap_local_page', () => {
    const { task, mapping, high } = aperture();
    const io = ioMappingMapLocalWc(task, mapping, 0);
    const ram = kmapLocalPage(task, high);
    expect([io.slot, ram.slot]).to.deep.equal([0, 1]);
    expect(
      violationOf(() => {
        ioMappingUnmapLocal(task, io);
      }),
    ).to.equal('unmap-order');
    kunmapLocal(task, ram);
    ioMappingUnmapLocal(task, io);
  });

  for (const preemptRt of [false, true]) {
    it(`its atomic maps keep ${preemptRt ? 'migration' : 'preemption'} and page faults off${preemptRt ? ' on PREEMPT_RT' : ''}`, () => {
      const { task, mapping } = aperture({ preemptRt });
      const window = ioMappingMapAtomicWc(task, mapping, 0);
      expect([task.preemptCount, task.pagefaultDisabled, task.migrateDisabled]).to.deep.equal(
        preemptRt ? [0, 1, 2] : [1, 1, 1],
      );
      expect(
        violationOf(() => {
          ioMappingUnmapLocal(task, window);
        }),
      ).to.equal('unmap-mismatch');
      ioMappingUnmapAtomic(task, window);
      expect([task.preemptCount, task.pagefaultDisabled, task.migrateDisabled]).to.deep.equal([0, 0, 0]);
    });
  }

  it('is released by `using`, atomic maps with their section', () => {
    const { machine, task, mapping } = aperture();
    {
      using a = ioMappingMapAtomicWc(task, mapping, 0);
      using b = ioMappingMapLocalWc(task, mapping, 0);
      expect([a.slot, b.slot]).to.deep.equal([0, 1]);
    }
    expect([task.preemptCount, machine.liveMappings]).to.deep.equal([0, 0]);
  });

  it('maps for everybody with ioMappingMapWc', () => {
    const { machine, task, mapping, second } = aperture();
    const mapped = ioMappingMapWc(task, mapping, 4090, 20);
    if (!mapped.ok) throw new Error(mapped.error.code);
    mapped.value.store8(6, 5);
    expect(machine.physical(second)[0]).to.equal(5);
    ioMappingUnmap(task, mapped.value);
    machine.checkLeaks();
  });

  it('stops at an offset outside', () => {
    const { task, mapping } = aperture();
    const maps = [ioMappingMapLocalWc, ioMappingMapAtomicWc];
    expect(maps.map((map) => violationOf(() => map(task, mapping, 2 * 4096)))).to.deep.equal([
      'range-overrun',
      'range-overrun',
    ]);
    expect(task.preemptCount).to.equal(0);
  });

  it('is of device memory, with at least one byte and none beyond it', () => {
    const { machine, mapping } = aperture();
    for (const [base, sizeBytes, says] of [
      [mapping.base, 0, 'sizeBytes is 0; it must be a whole number from 1'],
      [mapping.base, 0.5, 'sizeBytes is 0.5'],
      [mapping.base + 3 * 4096 - 1, 2, 'no device has 2 bytes'],
      [-1, 1, 'base is -1'],
    ] as const)
      expect(() => new IoMapping(machine, physAddr(base), sizeBytes), says).to.throw(ConfigError, says);
    expect(new IoMapping(machine, physAddr(mapping.base + 3 * 4096 - 1), 1).sizeBytes).to.equal(1);
    expect(() => new IoMapping(machine, physAddr(0), 4096)).to.throw(ConfigError, 'no device');
  });
});
