import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import type { Machine, Task, Violation } from 'scatterlist';
import { localIrqEnable } from 'scatterlist/machine';
import type { Cpu, Interrupt, LocalSlots, MachineOptions } from 'scatterlist/machine';
import { hex } from '../../../lib/base/units.ts';
import { inMemory, storeDirty } from '../dirty-line.ts';
import { AS_LINUX, rulesOf, violationOf } from '../violations.ts';

interface Fixture {
  readonly machine: Machine;
  readonly slots: LocalSlots;
  readonly task: Task;
  readonly cpu: Cpu;
}

function setUp(options: MachineOptions = {}): Fixture {
  const machine = createMachine({ trace: options.mode !== 'direct', ...options });
  const task = machine.task();
  machine.switchTo(task.cpu.id, task);
  return { machine, slots: machine.localSlots, task, cpu: task.cpu };
}

function entries(machine: Machine): readonly number[] {
  const { local } = machine.hardware.pageTable;
  return Array.from({ length: 4 }, (_, slot) => local.get(slot));
}

describe('LocalSlots', () => {
  it('push and pop the slots of a CPU, and migration with them', () => {
    const { machine, slots, task, cpu } = setUp();
    expect([slots.map(task, cpu, 100), slots.map(task, cpu, 101)]).to.deep.equal([0, 1]);
    expect([task.localMaps.idx, task.migrateDisabled]).to.deep.equal([2, 2]);
    expect(entries(machine)).to.deep.equal([100, 101, -1, -1]);
    slots.unmap(task, cpu, slots.address(1) + 4095);
    slots.unmapSlot(task, cpu, 0);
    expect(entries(machine)).to.deep.equal([-1, -1, -1, -1]);
    expect([task.localMaps.idx, task.migrateDisabled]).to.deep.equal([0, 0]);
    expect(machine.ledger.flushesLocal).to.equal(2);
  });

  it('leave nothing behind on a direct machine, where no address is worked out', () => {
    const { machine, slots, task, cpu } = setUp({ mode: 'direct' });
    slots.map(task, cpu, 100);
    slots.map(task, cpu, 101);
    slots.unmapSlot(task, cpu, 1);
    expect([...task.localMaps.entries.subarray(0, 3)]).to.deep.equal([101, 0, 0]);
    expect(entries(machine)).to.deep.equal([100, -1, -1, -1]);
    expect(violationOf(() => slots.unmapSlot(task, cpu, 1))).to.equal('unmap-order');
  });

  it('cost a table write for each map, each release and each entry that a switch moves, watched or not', () => {
    for (const mode of ['checked', 'direct'] as const) {
      const { machine, slots, task, cpu } = setUp({ mode });
      const costs = (action: () => void): readonly number[] => {
        const { pteWrites, flushesLocal } = machine.ledger;
        action();
        return [machine.ledger.pteWrites - pteWrites, machine.ledger.flushesLocal - flushesLocal];
      };
      expect(costs(() => slots.map(task, cpu, 100))).to.deep.equal([1, 0]);
      expect(costs(() => slots.map(task, cpu, 101))).to.deep.equal([1, 0]);
      expect(costs(() => slots.schedOut(task, cpu))).to.deep.equal([2, 2]);
      expect(costs(() => slots.schedIn(task, cpu))).to.deep.equal([2, 0]);
      expect(costs(() => slots.unmapSlot(task, cpu, 1))).to.deep.equal([1, 1]);
      expect(costs(() => slots.unmap(task, cpu, slots.address(0)))).to.deep.equal([1, 1]);
    }
  });

  it('show in the trace what is written to a slot', () => {
    const { machine, slots, task, cpu } = setUp();
    slots.map(task, cpu, 100);
    slots.schedOut(task, cpu);
    slots.schedIn(task, cpu);
    slots.unmapSlot(task, cpu, 0);
    const seen = machine.events.filter(({ event }) => event === 'local-set' || event === 'local-clear');
    const [set, clear] = [
      { event: 'local-set', slot: 0, pfn: 100 },
      { event: 'local-clear', slot: 0 },
    ];
    expect(seen.map((event) => ({ ...event }))).to.deep.equal([set, clear, set, clear]);
  });

  it('are released newest first on a direct machine, too', () => {
    const { machine, slots, task, cpu } = setUp({ mode: 'direct' });
    for (const pfn of [100, 101, 102]) slots.map(task, cpu, pfn);
    for (const older of [0, 1])
      expect(violationOf(() => slots.unmapSlot(task, cpu, older))).to.equal('unmap-order');
    expect([task.localMaps.idx, ...entries(machine)]).to.deep.equal([3, 100, 101, 102, -1]);
  });

  it('lie apart for each CPU, slot 0 at the highest address', () => {
    const { machine, slots } = setUp({ cpus: 2 });
    const other = machine.task('other', { cpu: 1 });
    machine.switchTo(other.cpu.id, other);
    expect(slots.map(other, other.cpu, 100)).to.equal(machine.config.kmMaxIdx);
    expect(slots.address(0) - slots.address(1)).to.equal(machine.pageSize);
    expect(slots.slotOf(slots.address(5) + 7)).to.equal(5);
    expect(slots.slotOf(slots.address(0) + machine.pageSize)).to.equal(-1);
  });

  it('may map in the next slots of the CPU, but not where a map would be refused', () => {
    const { machine, slots } = setUp({ cpus: 4, trace: false });
    const task = machine.task('third', { cpu: 3 });
    machine.switchTo(task.cpu.id, task);
    const first = 3 * machine.config.kmMaxIdx;
    expect(slots.map(task, task.cpu, 100)).to.equal(first);
    expect([1, 2].map((maps) => slots.mayMap(task, task.cpu, maps))).to.deep.equal([true, true]);
    expect(task.localMaps.idx).to.equal(1);
    machine.hardware.pageTable.local.set(first + 2, 99);
    expect([1, 2].map((maps) => slots.mayMap(task, task.cpu, maps))).to.deep.equal([true, false]);
    machine.hardware.pageTable.local.clear(first + 2);
    task.cpu.hardirqDepth = 1;
    expect(slots.mayMap(task, task.cpu, 1)).to.equal(false);
    task.cpu.irqsDisabled = true;
    expect(slots.mayMap(task, task.cpu, 1)).to.equal(true);
    task.localMaps.idx = machine.config.kmMaxIdx - 2;
    expect([1, 2].map((maps) => slots.mayMap(task, task.cpu, maps))).to.deep.equal([true, false]);
  });

  it('leave a guard between maps with DEBUG_KMAP_LOCAL', () => {
    const { machine, slots, task, cpu } = setUp({ debugKmapLocal: true });
    expect([slots.map(task, cpu, 100), slots.map(task, cpu, 101)]).to.deep.equal([1, 3]);
    expect(entries(machine)).to.deep.equal([-1, 100, -1, 101]);
    expect(task.localMaps.idx).to.equal(4);
  });

  it('are cleared for the outgoing task and set again for the incoming one', () => {
    const { machine, slots, task, cpu } = setUp();
    const other = machine.task('other');
    slots.map(task, cpu, 100);
    machine.switchTo(cpu.id, other);
    expect(entries(machine)).to.deep.equal([-1, -1, -1, -1]);
    slots.map(other, cpu, 200);
    machine.switchTo(cpu.id, task);
    expect(entries(machine)).to.deep.equal([100, -1, -1, -1]);
    expect([slots.frameInStack(task, cpu, 0), slots.frameInStack(task, cpu, 1)]).to.deep.equal([100, -1]);
  });

  it('are listed in reports', () => {
    const { slots, task, cpu } = setUp({ debugKmapLocal: true });
    expect(slots.dump(task, cpu).text).to.equal('none in use');
    slots.map(task, cpu, 0x64);
    expect(slots.dump(task, cpu, new Map([[1, 'this one']])).text).to.equal('1: pfn 0x64  <- this one');
  });

  describe('one map too many', () => {
    function fill({ slots, task, cpu, machine }: Fixture): () => unknown {
      for (let n = 1; n < machine.config.kmMaxIdx; n += 1) slots.map(task, cpu, n);
      return () => slots.map(task, cpu, 99);
    }

    it('strict: is refused with everything as it was', () => {
      const b = setUp();
      expect(violationOf(fill(b))).to.equal('slot-overflow');
      expect([b.task.localMaps.idx, b.task.migrateDisabled, b.task.preemptCount]).to.deep.equal([15, 15, 0]);
    });

    it('compatible: stops with index, migration and preemption raised', () => {
      const b = setUp(AS_LINUX);
      expect(violationOf(fill(b))).to.equal('slot-overflow');
      expect([b.task.localMaps.idx, b.task.migrateDisabled, b.task.preemptCount]).to.deep.equal([16, 16, 1]);
    });
  });

  describe('an unmap with nothing mapped', () => {
    it('strict: is refused before anything is touched', () => {
      const { machine, slots, task, cpu } = setUp();
      expect(violationOf(() => slots.unmap(task, cpu, slots.address(0)))).to.equal('slot-underflow');
      expect(task.localMaps.idx).to.equal(0);
      expect(machine.ledger.flushesLocal).to.equal(0);
    });

    it('compatible: warns, flushes, and stops with the index at -1 and preemption off', () => {
      const { machine, slots, task, cpu } = setUp(AS_LINUX);
      expect(violationOf(() => slots.unmap(task, cpu, slots.address(0)))).to.equal('slot-underflow');
      expect(rulesOf(machine)).to.deep.equal(['unmap-order', 'slot-underflow']);
      expect([task.localMaps.idx, task.preemptCount, machine.ledger.flushesLocal]).to.deep.equal([-1, 1, 1]);
    });
  });

  describe('an unmap out of order', () => {
    it('strict: is refused with both maps as they were', () => {
      const { machine, slots, task, cpu } = setUp();
      slots.map(task, cpu, 100);
      slots.map(task, cpu, 101);
      expect(violationOf(() => slots.unmap(task, cpu, slots.address(0)))).to.equal('unmap-order');
      expect(entries(machine)).to.deep.equal([100, 101, -1, -1]);
    });

    it('names what was asked for, and the newest map with its page', () => {
      const { machine, slots, task, cpu } = setUp(AS_LINUX);
      slots.map(task, cpu, 100);
      slots.map(task, cpu, 101);
      slots.unmap(task, cpu, slots.address(0));
      slots.unmap(task, cpu, 0);
      expect(machine.violations.map(({ what }) => what)).to.deep.equal([
        `kunmap_local of ${hex(slots.address(0))} (slot 0), but the newest map is slot 1, pfn 0x65`,
        'kunmap_local of 0x0 (no slot), but the newest map is slot 0, pfn 0x64',
      ]);
    });

    it('compatible: warns, removes the newest map and flushes the address given', () => {
      const { machine, slots, task, cpu } = setUp(AS_LINUX);
      slots.map(task, cpu, 100);
      slots.map(task, cpu, 101);
      slots.unmap(task, cpu, slots.address(0));
      expect(rulesOf(machine)).to.deep.equal(['unmap-order']);
      expect(entries(machine)).to.deep.equal([100, -1, -1, -1]);
      expect(machine.events.at(-1)).to.deep.include({ event: 'flush-page', vaddr: slots.address(0) });
    });
  });

  for (const semantics of ['strict', 'compatible'] as const) {
    it(`${semantics}: a map in a hard interrupt needs interrupts disabled`, () => {
      const { slots, task, cpu } = setUp({ semantics });
      cpu.hardirqDepth = 1;
      expect(violationOf(() => slots.map(task, cpu, 100))).to.equal('map-in-hardirq');
      cpu.irqsDisabled = true;
      expect(violationOf(() => slots.map(task, cpu, 100))).to.equal('none');
    });

    it(`${semantics}: a task is not copied while it holds maps`, () => {
      const { machine, slots, task, cpu } = setUp({ semantics, onViolation: 'record' });
      slots.map(task, cpu, 100);
      const child = machine.fork(task, 'child');
      expect(rulesOf(machine)).to.deep.equal(['fork-with-maps']);
      expect([child.localMaps.idx, child.migrateDisabled]).to.deep.equal([0, 0]);
    });
  }

  it('refuse to hand out a slot that still maps a page, as Linux does', () => {
    for (const options of [{}, AS_LINUX]) {
      const { machine, slots, task, cpu } = setUp(options);
      machine.hardware.pageTable.local.set(0, 99);
      expect(violationOf(() => slots.map(task, cpu, 100))).to.equal('slot-busy');
    }
  });

  it('say on a switch that a guard slot was written over', () => {
    const { machine, slots, task, cpu } = setUp({ debugKmapLocal: true, onViolation: 'record' });
    slots.map(task, cpu, 100);
    slots.schedOut(task, cpu);
    expect(rulesOf(machine)).to.deep.equal([]);
    task.localMaps.entries[0] = 1;
    slots.schedIn(task, cpu);
    expect(rulesOf(machine)).to.deep.equal(['slot-guard']);
    expect(entries(machine)).to.deep.equal([-1, 100, -1, -1]);
    slots.schedOut(task, cpu);
    task.localMaps.entries[0] = 0;
    slots.schedIn(task, cpu);
    slots.map(task, cpu, 101);
    slots.schedOut(task, cpu);
    task.localMaps.entries[2] = 1;
    slots.schedIn(task, cpu);
    expect(rulesOf(machine).length).to.be.above(1);
    expect(entries(machine)).to.deep.equal([-1, 100, -1, 101]);
  });

  it('name the handler that maps in a report, not the task that it interrupted', () => {
    const broken: Record<string, (irq: Interrupt, slots: LocalSlots, cpu: Cpu) => unknown> = {
      'slot-overflow': (irq, slots, cpu) => {
        while (slots.map(irq.task, cpu, 100) >= 0);
      },
      'slot-busy': (irq, slots, cpu) => {
        irq.machine.hardware.pageTable.local.set(0, 5);
        slots.map(irq.task, cpu, 100);
      },
      'slot-underflow': (irq, slots, cpu) => {
        slots.unmap(irq.task, cpu, slots.address(0));
      },
      'unmap-order': (irq, slots, cpu) => {
        const below = slots.map(irq.task, cpu, 100);
        slots.map(irq.task, cpu, 101);
        slots.unmap(irq.task, cpu, slots.address(below));
      },
      'map-in-hardirq': (irq, slots, cpu) => {
        localIrqEnable(irq);
        slots.map(irq.task, cpu, 100);
      },
    };
    for (const [rule, breakIt] of Object.entries(broken)) {
      const { machine, slots, cpu } = setUp();
      let found: Violation | undefined;
      try {
        machine.interrupt('hardirq', (irq) => breakIt(irq, slots, cpu), { name: 'timer' });
      } catch (error) {
        if (error instanceof ViolationError) found = error.violation;
      }
      expect([found?.rule, found?.context?.kind, found?.context?.name]).to.deep.equal([
        rule,
        'hardirq',
        'timer',
      ]);
    }
  });
});

describe('LocalSlots on a machine with a data cache', () => {
  for (const [dcacheColours, hasAliases] of [
    [1, false],
    [2, true],
    [8, true],
  ] as const) {
    const written = (value: number): number => (hasAliases ? value : 0);

    it(`writes back what was stored at an address before its entry goes, ${String(dcacheColours)} colours`, () => {
      const leave: Readonly<Record<string, (fixture: Fixture, slot: number) => void>> = {
        unmap: ({ slots, task, cpu }, slot) => {
          slots.unmap(task, cpu, slots.address(slot));
        },
        unmapSlot: ({ slots, task, cpu }, slot) => {
          slots.unmapSlot(task, cpu, slot);
        },
        'the task is switched out': ({ slots, task, cpu }) => {
          slots.schedOut(task, cpu);
        },
      };
      for (const [how, work] of Object.entries(leave)) {
        const fixture = setUp({ dcacheColours });
        const { machine, slots, task, cpu } = fixture;
        const pages = machine.allocPages(2, { zone: 'highmem' });
        const [first, page] = pages;
        if (first === undefined || page === undefined) throw new Error('two pages');
        slots.map(task, cpu, first.pfn);
        const slot = slots.map(task, cpu, page.pfn);
        storeDirty(machine, page, slots.address(slot), 7);
        work(fixture, slot);
        expect(inMemory(machine, page), how).to.equal(written(7));
      }
    });

    it(`writes back what lies at other addresses of the kernel before a map, ${String(dcacheColours)} colours`, () => {
      const { machine, slots, task, cpu } = setUp({ dcacheColours });
      const { addresses } = machine.hardware;
      const [low, high] = [machine.allocPage({ zone: 'lowmem' }), machine.allocPage({ zone: 'highmem' })];
      storeDirty(machine, low, addresses.direct(low.pfn), 5);
      storeDirty(machine, high, addresses.pkmap(machine.pkmap.get(high)), 6);
      for (const page of [low, high]) slots.map(task, cpu, page.pfn);
      expect([inMemory(machine, low), inMemory(machine, high)]).to.deep.equal([written(5), written(6)]);
    });
  }

  it('does not write back for a map what a driver stored at another address', () => {
    const { machine, slots, task, cpu } = setUp({ dcacheColours: 2 });
    const page = machine.allocPage({ zone: 'highmem' });
    storeDirty(machine, page, machine.hardware.addresses.local(1), 9);
    slots.map(task, cpu, page.pfn);
    expect(inMemory(machine, page)).to.equal(0);
  });
});
