import type { Program } from 'scatterlist/explore';
import { FixedSlots, kmapAtomicType, kunmapAtomicType } from 'scatterlist/machine';
import type { KmType, Page } from 'scatterlist/machine';
import { expectExhausted, expectFound } from './support.ts';

// Before 2.6.37 an atomic map named its slot, one per use and CPU. The data-ready callback of a socket,
// a softirq, used the slot that belongs to processes.

interface Shared {
  readonly cache: Page;
  readonly packet: Page;
}

function program(softirqSlot: KmType, debug = true, allow: Program['allow'] = []): Program<Shared> {
  return {
    machine: { cpus: 1 },
    parts: { localSlots: (hardware) => new FixedSlots(hardware, { debug }) },
    allow,
    setup: (machine) => ({
      cache: machine.allocPage({ zone: 'highmem' }),
      packet: machine.allocPage({ zone: 'highmem' }),
    }),
    tasks: {
      *process({ task, cache }) {
        const m = kmapAtomicType(task, cache, 'KM_USER0');
        m.store8(0, 1);
        yield; // preemption is off, interrupts are not
        m.store8(1, 2);
        kunmapAtomicType(task, m);
      },
    },
    interrupts: {
      dataReady: {
        kind: 'softirq',
        run({ irq, packet }) {
          const m = kmapAtomicType(irq, packet, softirqSlot);
          m.store8(0, 3);
          kunmapAtomicType(irq, m);
        },
      },
    },
    check: ({ memory, cache, packet }) =>
      memory.load8(cache, 0) === 1 && memory.load8(cache, 1) === 2 && memory.load8(packet, 0) === 3,
  };
}

describe('sunrpc-user0-slot-in-softirq', () => {
  it('takes the slot that belongs to the process it interrupts', () => {
    expectFound(program('KM_USER0'), 'slot-busy');
  });

  it('leaves the process in the page of the packet where nobody checks the slot', () => {
    expectFound(program('KM_USER0', false), 'slot-taken');
  });

  it('stores into the packet where nobody watches the translation either', () => {
    expectFound(program('KM_USER0', false, ['slot-taken']), 'final-check');
  });

  it('does not with a slot of its own', () => {
    expectExhausted(program('KM_SOFTIRQ0'));
  });
});
