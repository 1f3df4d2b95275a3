import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Moving pages maps the page tables of destination and source, and releases them in the same order.
// That was right before local maps were a stack. (Linux 6.8 to 6.16, 32-bit; CVE-2025-39899, 9614d8bee663)
//
// Oracle: the order of unmapping; a map that an interrupt makes in between must not hide it. Where the
// warning is let go, the entry of the wrong map is gone and only the TLB still knows it.

interface Shared {
  readonly destination: Page;
  readonly source: Page;
  readonly packet: Page;
}

interface Variant {
  readonly fixed: boolean;
  readonly interrupt: boolean;
  /** Let the warning go, as a kernel does. */
  readonly lenient?: boolean;
}

function program({ fixed, interrupt, lenient = false }: Variant): Program<Shared> {
  return {
    machine: { cpus: 1 },
    allow: lenient ? ['unmap-order'] : [],
    setup: (machine) => {
      const [destination, source, packet] = machine.allocPages(3, { zone: 'highmem' });
      machine.physical(source!)[0] = 1;
      return { destination: destination!, source: source!, packet: packet! };
    },
    tasks: {
      *movePages({ task, destination, source }) {
        const to = kmapLocalPage(task, destination);
        const from = kmapLocalPage(task, source);
        to.store8(0, from.load8(0));
        yield;
        if (fixed) {
          from.store8(0, 0);
          kunmapLocal(task, from);
          kunmapLocal(task, to);
        } else {
          kunmapLocal(task, to);
          yield;
          from.store8(0, 0);
          kunmapLocal(task, from);
        }
      },
    },
    interrupts: interrupt
      ? {
          receive: {
            kind: 'softirq',
            run({ irq, packet }) {
              const m = kmapLocalPage(irq, packet);
              m.store8(0, 9);
              kunmapLocal(irq, m);
            },
          },
        }
      : {},
    check: ({ memory, destination, source }) =>
      memory.load8(destination, 0) === 1 && memory.load8(source, 0) === 0,
  };
}

describe('uffd-move-pages-lifo', () => {
  it('takes the map away that is still needed, where the warning is let go', () => {
    expectFound(program({ fixed: false, interrupt: false, lenient: true }), 'stale-tlb');
  });

  for (const interrupt of [false, true]) {
    const where = interrupt ? ', an interrupt mapping in between' : '';

    it(`releases the older map first${where}`, () => {
      expectFound(program({ fixed: false, interrupt }), 'unmap-order');
    });

    it(`is sound in reverse order${where}`, () => {
      expectExhausted(program({ fixed: true, interrupt }));
    });
  }
});
