import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Moving pages maps the page tables of destination and source, and releases them in the same order.
// That was right before local maps were a stack. (Linux 6.8 to 6.16, 32-bit; CVE-2025-39899, 9614d8bee663)
//
// Oracle: the order of unmapping. A map that an interrupt makes in between must not hide it.

interface Shared {
  readonly destination: Page;
  readonly source: Page;
  readonly packet: Page;
}

function program(fixed: boolean, interrupt: boolean): Program<Shared> {
  return {
    machine: { cpus: 1 },
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
        from.store8(0, 0);
        yield;
        const [first, second] = fixed ? [from, to] : [to, from];
        kunmapLocal(task, first);
        yield;
        kunmapLocal(task, second);
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
  for (const interrupt of [false, true]) {
    const where = interrupt ? ', an interrupt mapping in between' : '';

    it(`releases the older map first${where}`, () => {
      expectFound(program(false, interrupt), 'unmap-order');
    });

    it(`is sound in reverse order${where}`, () => {
      expectExhausted(program(true, interrupt));
    });
  }
});
