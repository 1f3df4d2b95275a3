import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import type { Machine, MachineOptions } from 'scatterlist';
import { FixedSlots, kmapAtomic, kmapAtomicType, kunmapAtomic, kunmapAtomicType } from 'scatterlist/machine';
import type { FixedSlotsOptions } from 'scatterlist/machine';
import { rulesOf, violationOf } from '../violations.ts';

function machineWith(options: MachineOptions = {}, slots: FixedSlotsOptions = {}): Machine {
  return createMachine(options, { localSlots: (hardware) => new FixedSlots(hardware, slots) });
}

describe('an atomic map in the slot of a type', () => {
  it('reaches its page, in an atomic section', () => {
    const machine = machineWith();
    const task = machine.task();
    const [a, b] = machine.allocPages(2, { zone: 'highmem' });
    const [m, n] = [kmapAtomicType(task, a!, 'KM_USER0'), kmapAtomicType(task, b!, 'KM_USER1')];
    m.store8(0, 1);
    n.store8(0, 2);
    expect([machine.physical(a!)[0], machine.physical(b!)[0]]).to.deep.equal([1, 2]);
    expect([task.preemptCount, task.pagefaultDisabled, m.mechanism]).to.deep.equal([2, 2, 'KM_USER0']);
    kunmapAtomicType(task, m); // in any order
    kunmapAtomicType(task, n, 'KM_USER1');
    expect([task.preemptCount, task.pagefaultDisabled, machine.liveMappings]).to.deep.equal([0, 0, 0]);
  });

  it('of a page with a permanent address takes no slot', () => {
    const machine = machineWith();
    const task = machine.task();
    const low = machine.allocPage({ zone: 'lowmem' });
    const [m, n] = [kmapAtomicType(task, low, 'KM_USER0'), kmapAtomicType(task, low, 'KM_USER0')];
    expect([m.slot, n.slot, task.preemptCount]).to.deep.equal([-1, -1, 2]);
    for (const one of [m, n]) kunmapAtomicType(task, one);
  });

  it('is released by `using`, and works on a direct machine', () => {
    for (const mode of ['checked', 'direct'] as const) {
      const machine = machineWith({ mode });
      const task = machine.task();
      const page = machine.allocPage({ zone: 'highmem' });
      {
        using m = kmapAtomicType(task, page, 'KM_PTE0');
        m.store8(3, 7);
      }
      expect([machine.physical(page)[3], task.preemptCount, machine.ledger.unmaps]).to.deep.equal([7, 0, 1]);
    }
  });

  it('finds its slot taken', () => {
    const machine = machineWith();
    const task = machine.task('process');
    const [a, b] = machine.allocPages(2, { zone: 'highmem' });
    kmapAtomicType(task, a!, 'KM_USER0');
    expect(
      violationOf(() => machine.interrupt('softirq', (irq) => kmapAtomicType(irq, b!, 'KM_USER0'))),
    ).to.equal('slot-busy');
    expect([task.preemptCount, machine.liveMappings]).to.deep.equal([1, 1]);
  });

  it('is released once, by its owner, with its own type and its own function', () => {
    const machine = machineWith({ onViolation: 'record' });
    const [task, other] = [machine.task(), machine.task('other', { cpu: 1 })];
    const page = machine.allocPage({ zone: 'highmem' });
    const m = kmapAtomicType(task, page, 'KM_USER0');
    kunmapAtomicType(other, m);
    expect([m.live, rulesOf(machine)]).to.deep.equal([true, ['wrong-cpu']]);
    kunmapAtomicType(task, m, 'KM_USER1');
    expect([m.live, rulesOf(machine).at(-1)]).to.deep.equal([false, 'unmap-mismatch']);
    expect(violationOf(() => kunmapAtomicType(task, m))).to.equal('double-unmap');
    const local = kmapAtomic(task, page);
    kunmapAtomicType(task, local);
    expect([local.live, rulesOf(machine).at(-1)]).to.deep.equal([true, 'unmap-mismatch']);
    kunmapAtomic(task, local);
    expect(task.preemptCount).to.equal(0);
  });

  it('needs its part, and a type that exists', () => {
    const plain = createMachine();
    const page = plain.allocPage({ zone: 'highmem' });
    expect(() => kmapAtomicType(plain.task(), page, 'KM_USER0')).to.throw(ConfigError, 'new FixedSlots');
    const machine = machineWith();
    const own = machine.allocPage({ zone: 'highmem' });
    // @ts-expect-error a caller without types
    expect(() => kmapAtomicType(machine.task(), own, 'KM_USER2')).to.throw(ConfigError, 'KM_USER2');
  });
});
