import { expect } from 'chai';
import { createMachine, virtAddr, physAddr } from 'scatterlist';
import {
  AddressSpace,
  kmap,
  kmapFlushUnused,
  kunmap,
  pageAddressOf,
  pageToVirt,
  physToVirt,
  runAlone,
  virtToPage,
  virtToPhys,
  vmap,
} from 'scatterlist/machine';

describe('linear addresses', () => {
  it('are computed for any physical address, and lead back', () => {
    const machine = createMachine();
    const task = machine.task('driver');
    const low = machine.allocPage({ zone: 'lowmem' });
    expect(pageToVirt(machine, low)).to.equal(physToVirt(machine, low.phys));
    expect(virtToPhys(task, virtAddr(pageToVirt(machine, low) + 5))).to.equal(low.phys + 5);
    expect(virtToPage(machine, pageToVirt(machine, low))).to.equal(low);
  });

  it('wrap at 32 bits on a machine with a 32-bit layout only', () => {
    const machine = createMachine();
    expect(physToVirt(machine, physAddr(0x5000_0000))).to.equal(0x1000_0000);
    const wide = createMachine({ lowmemPages: 300_000 });
    expect(physToVirt(wide, physAddr(0x5000_0000))).to.equal(0xff88_5000_0000);
  });

  it('are refused by virt_to_phys if they are none', () => {
    const machine = createMachine({ onViolation: 'record' });
    const task = machine.task('driver');
    const mapped = vmap(task, [machine.allocPage({ zone: 'lowmem' })]);
    if (!mapped.ok) throw new Error('no space');
    virtToPhys(task, mapped.value.vaddr);
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['not-linear']);
  });

  it('of a highmem page is that of its slot, even after its last unmap, until the pool is flushed', () => {
    const machine = createMachine();
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    expect(pageAddressOf(task, page)).to.equal(0);
    const { vaddr } = runAlone(task, kmap(task, page));
    expect(pageAddressOf(task, page)).to.equal(vaddr);
    kunmap(task, page);
    expect(pageAddressOf(task, page)).to.equal(vaddr);
    kmapFlushUnused(task);
    expect(pageAddressOf(task, page)).to.equal(0);
    expect(() => new AddressSpace(task).load8(pageAddressOf(task, page) + 8)).to.throw('rule: null-pointer');
  });
});
