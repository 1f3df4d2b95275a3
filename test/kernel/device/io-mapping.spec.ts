import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { mapIo, unmapIo } from '../../../lib/kernel/device/io-mapping.ts';
import { violationOf } from '../violations.ts';

describe('mapIo', () => {
  it('takes the next local slot and pins the task to its CPU', () => {
    const machine = createMachine();
    const task = machine.task();
    const [page] = machine.ioRegion(1);
    const low = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    const io = mapIo(task, page!, 8, 16);
    expect([low.slot, io.slot, task.migrateDisabled, io.length]).to.deep.equal([0, 1, 2, 16]);
    expect(io.vaddr).to.equal(machine.hardware.addresses.local(1) + 8);
    expect(violationOf(() => kunmapLocal(task, low))).to.equal('unmap-order');
    unmapIo(task, io);
    kunmapLocal(task, low);
    expect([task.localMaps.idx, task.migrateDisabled, task.localWindows]).to.deep.equal([0, 0, []]);
  });

  it('is for device memory only', () => {
    const machine = createMachine();
    const page = machine.allocPage({ zone: 'highmem' });
    expect(() => mapIo(machine.task(), page, 0, 4)).to.throw(
      ConfigError,
      'pfn 0x1000 is highmem, not device memory',
    );
  });

  it('is released once, by its own function, where it was made', () => {
    const machine = createMachine();
    const task = machine.task('a');
    const [page] = machine.ioRegion(1);
    const io = mapIo(task, page!, 0, 4);
    expect(violationOf(() => kunmapLocal(task, io))).to.equal('unmap-mismatch');
    expect(violationOf(() => unmapIo(machine.task('b'), io))).to.equal('wrong-task');
    {
      using other = mapIo(task, page!, 0, 4);
      expect(other.live).to.equal(true);
    }
    unmapIo(task, io);
    expect(violationOf(() => unmapIo(task, io))).to.equal('double-unmap');
  });

  it('survives a context switch', () => {
    const machine = createMachine();
    const task = machine.task('a');
    const [page] = machine.ioRegion(1);
    const io = mapIo(task, page!, 0, 4);
    io.store32(0, 0xdead_beef);
    machine.enter(machine.task('b'));
    machine.enter(task);
    expect(io.load32(0)).to.equal(0xdead_beef);
  });
});
