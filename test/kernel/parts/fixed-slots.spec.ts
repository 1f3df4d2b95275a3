import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { FixedSlots, KM_TYPES, kmapLocalPage } from 'scatterlist/machine';
import { inMemory, storeDirty } from '../dirty-line.ts';
import { violationOf } from '../violations.ts';

const parts = {
  localSlots: (hardware: ConstructorParameters<typeof FixedSlots>[0]) => new FixedSlots(hardware),
};

function slotsOn(options: MachineOptions = {}): {
  slots: FixedSlots;
  machine: ReturnType<typeof createMachine>;
} {
  const machine = createMachine({ cpus: 2, ...options }, parts);
  if (!(machine.localSlots instanceof FixedSlots)) throw new Error('the part is not used');
  return { slots: machine.localSlots, machine };
}

describe('FixedSlots', () => {
  it('has one slot of each type on each CPU, apart from the stack', () => {
    const { slots, machine } = slotsOn();
    const all = machine.hardware.cpus.flatMap((cpu) => KM_TYPES.map((type) => slots.slotFor(type, cpu)));
    expect(new Set(all).size).to.equal(2 * KM_TYPES.length);
    expect([Math.min(...all.slice(0, 13)), Math.max(...all)]).to.deep.equal([3, 31]);
    const task = machine.task();
    const pages = machine.allocPages(4, { zone: 'highmem' });
    for (const page of pages.slice(0, 3)) expect(kmapLocalPage(task, page).slot).to.be.lessThan(3);
    expect(violationOf(() => kmapLocalPage(task, pages[3]!))).to.equal('slot-overflow');
  });

  it('sets, flushes and clears a slot', () => {
    const { slots, machine } = slotsOn();
    const [cpu] = machine.hardware.cpus;
    const slot = slots.mapFixed(cpu!, 100, 'KM_IRQ0');
    expect([slots.isSet('KM_IRQ0', cpu!), slots.isSet('KM_IRQ1', cpu!)]).to.deep.equal([true, false]);
    expect([machine.hardware.pageTable.local.get(slot), machine.ledger.flushesLocal]).to.deep.equal([100, 1]);
    slots.unmapFixed(cpu!, slot);
    expect([slots.isSet('KM_IRQ0', cpu!), machine.ledger.flushesLocal]).to.deep.equal([false, 2]);
  });

  it('leaves what it unmaps where the kernel is built without the checks', () => {
    const machine = createMachine(
      {},
      { localSlots: (hardware) => new FixedSlots(hardware, { debug: false }) },
    );
    const slots = machine.localSlots as FixedSlots;
    const [cpu] = machine.hardware.cpus;
    slots.unmapFixed(cpu!, slots.mapFixed(cpu!, 100, 'KM_USER0'));
    expect([slots.isSet('KM_USER0', cpu!), slots.debug]).to.deep.equal([true, false]);
  });

  it('needs room for them beside the stack', () => {
    expect(() => slotsOn({ kmMaxIdx: 13 })).to.throw(ConfigError, 'kmMaxIdx is 13');
    expect(() => slotsOn({ kmMaxIdx: 14 })).to.not.throw();
  });
});

describe('FixedSlots on a machine with a data cache', () => {
  it('writes back before a map and before an unmap, where the cache has aliases', () => {
    for (const [dcacheColours, before, after] of [
      [1, 0, 0],
      [2, 5, 7],
    ] as const) {
      const { slots, machine } = slotsOn({ dcacheColours });
      const cpu = machine.hardware.cpu(1);
      const page = machine.allocPage({ zone: 'highmem' });
      storeDirty(machine, page, machine.hardware.addresses.pkmap(machine.pkmap.get(page)), 5);
      const slot = slots.mapFixed(cpu, page.pfn, 'KM_USER1');
      expect(inMemory(machine, page)).to.equal(before);
      storeDirty(machine, page, slots.address(slot), 7);
      slots.unmapFixed(cpu, slot);
      expect(inMemory(machine, page)).to.equal(after);
    }
  });
});
