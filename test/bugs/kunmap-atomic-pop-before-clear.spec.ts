import { kmapAtomic, kunmapAtomic } from 'scatterlist/machine';
import type { MachineParts, Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { PopFirstSlots } from './components/pop-first-slots.ts';
import { expectExhausted, expectFound } from './support.ts';

// The first stack-based unmap popped the index, then cleared the entry and flushed. An interrupt in
// between is handed the very slot, with the entry, or only the TLB, still set.
//
// Mainline 20273941f212 (2.6.37 development).
// Oracle: a slot that is handed out is empty; without the check, a stale TLB read in the handler.

interface Shared {
  readonly page: Page;
  readonly packet: Page;
}

function program(localSlots?: MachineParts['localSlots']): Program<Shared> {
  return {
    machine: { cpus: 1 },
    parts: { localSlots },
    setup: (machine) => ({
      page: machine.allocPage({ zone: 'highmem' }),
      packet: machine.allocPage({ zone: 'highmem' }),
    }),
    tasks: {
      *task({ task, page }) {
        yield;
        const m = kmapAtomic(task, page);
        m.store8(0, 1);
        kunmapAtomic(task, m); // interrupts arrive inside, too
      },
    },
    interrupts: {
      receive: {
        kind: 'hardirq',
        run({ irq, packet }) {
          const m = kmapAtomic(irq, packet);
          m.store8(0, 2);
          kunmapAtomic(irq, m);
        },
      },
    },
    check: ({ memory, page, packet }) => memory.load8(page, 0) === 1 && memory.load8(packet, 0) === 2,
  };
}

describe('kunmap-atomic-pop-before-clear', () => {
  it('hands a slot that is still set to the interrupt', () => {
    expectFound(
      program((hardware) => new PopFirstSlots(hardware, true)),
      'slot-busy',
    );
  });

  it('lets the interrupt write through the old TLB entry where nobody checks', () => {
    expectFound(
      program((hardware) => new PopFirstSlots(hardware, false)),
      'stale-tlb',
    );
  });

  it('does neither when the entry is cleared and flushed first', () => {
    expectExhausted(program());
  });
});
