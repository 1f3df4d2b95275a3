import type { Context, Machine, Page, RamWindow } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Before 2.6.37 an atomic map named its slot, one per use and CPU. The data-ready callback of a socket,
// a softirq, used the slot that belongs to processes.

type SlotType = 'KM_USER0' | 'KM_SOFTIRQ0';

/** The fixed slots of one CPU: the last slots of its range, which the stack of today never reaches. */
class FixedSlots {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  map(context: Context, page: Page, type: SlotType): RamWindow {
    const { machine } = this;
    machine.enter(context);
    const slot = machine.config.kmMaxIdx * (context.cpu.id + 1) - (type === 'KM_USER0' ? 1 : 2);
    machine.hardware.pageTable.local.set(slot, page.pfn);
    machine.hardware.flushPageLocal(context.cpu, machine.localSlots.address(slot));
    const window = machine.ramWindow(context, page, 0, machine.pageSize);
    window.area = 'local';
    window.slot = slot;
    window.mechanism = type;
    window.scope = 'task';
    machine.mapped(window, context);
    context.task.preemptCount += 1;
    return window;
  }

  unmap(context: Context, window: RamWindow): void {
    const { machine } = this;
    machine.enter(context);
    machine.hardware.pageTable.local.clear(window.slot);
    machine.hardware.flushPageLocal(context.cpu, machine.localSlots.address(window.slot));
    machine.unmapped(window, context);
    context.task.preemptCount -= 1;
  }
}

interface Shared {
  readonly slots: FixedSlots;
  readonly cache: Page;
  readonly packet: Page;
}

function program(softirqSlot: SlotType): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => ({
      slots: new FixedSlots(machine),
      cache: machine.allocPage({ zone: 'highmem' }),
      packet: machine.allocPage({ zone: 'highmem' }),
    }),
    tasks: {
      *process({ task, slots, cache }) {
        const m = slots.map(task, cache, 'KM_USER0');
        m.store8(0, 1);
        yield; // preemption is off, interrupts are not
        m.store8(1, 2);
        slots.unmap(task, m);
      },
    },
    interrupts: {
      dataReady: {
        kind: 'softirq',
        run({ irq, slots, packet }) {
          const m = slots.map(irq, packet, softirqSlot);
          m.store8(0, 3);
          slots.unmap(irq, m);
        },
      },
    },
    check: ({ memory, cache, packet }) =>
      memory.load8(cache, 0) === 1 && memory.load8(cache, 1) === 2 && memory.load8(packet, 0) === 3,
  };
}

describe('sunrpc-user0-slot-in-softirq', () => {
  it('takes the slot from under the process it interrupts', () => {
    expectFound(program('KM_USER0'), 'wild-access');
  });

  it('does not with a slot of its own', () => {
    expectExhausted(program('KM_SOFTIRQ0'));
  });
});
