import { FixedSlots, kmapAtomic, kmapAtomicType, kunmapAtomic, kunmapAtomicType } from 'scatterlist/machine';
import type { DirectMapping, Page, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The page table is unmapped, and then its entry is read through the old pointer to update the MMU cache.
// (Linux 2.6.0-test, fixed 9 September 2003; linux-history 00dbb2eae8)
//
// Oracle: use after unmap. Where unmapping leaves the slot as it is and nobody looks, an interrupt in
// between leaves its own page there, and the value read is foreign: the final check.

const ENTRY = 5;

interface Shared {
  readonly table: Page;
  readonly foreign: Page;
}

function setup(machine: Parameters<NonNullable<Program<Shared>['setup']>>[0]): Shared {
  return {
    table: machine.allocPage({ zone: 'highmem' }),
    foreign: machine.allocPage({ zone: 'highmem' }),
  };
}

function program(fixed: boolean): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup,
    tasks: {
      *installPage({ task, table }) {
        const pte = kmapAtomic(task, table);
        pte.store8(0, ENTRY);
        const value = fixed ? pte.load8(0) : undefined;
        kunmapAtomic(task, pte);
        yield;
        return value ?? pte.load8(0);
      },
    },
    check: ({ results }) => results['installPage'] === ENTRY,
  };
}

/** A load through a bare pointer, mapped or not: it reaches the page that is in the slot now. */
function loadBare({ machine, actor }: Task, { slot }: DirectMapping): number {
  const { memory, pageTable, trace } = machine.hardware;
  const pfn = pageTable.local.get(slot);
  trace?.record({ event: 'load', by: actor, pfn, offset: 0, lengthBytes: 1, serial: 0 });
  return memory.bytesOf(memory.page(pfn))[0] ?? 0;
}

/** The kernel of the time: fixed slots that an unmap does not clear, and no watch on accesses. */
function silent(fixed: boolean, interrupt: boolean): Program<Shared> {
  return {
    machine: { cpus: 1 },
    parts: { localSlots: (hardware) => new FixedSlots(hardware, { debug: false }) },
    setup,
    tasks: {
      *installPage({ task, table }) {
        const pte = kmapAtomicType(task, table, 'KM_USER0');
        pte.store8(0, ENTRY);
        const value = fixed ? pte.load8(0) : undefined;
        kunmapAtomicType(task, pte);
        yield;
        return value ?? loadBare(task, pte);
      },
    },
    interrupts: interrupt
      ? {
          other: {
            kind: 'softirq',
            run({ irq, foreign }) {
              const m = kmapAtomicType(irq, foreign, 'KM_USER0');
              m.store8(0, 9);
              kunmapAtomicType(irq, m);
            },
          },
        }
      : {},
    check: ({ results }) => results['installPage'] === ENTRY,
  };
}

describe('install-page-deref-after-unmap', () => {
  it('reads through a mapping that was released', () => {
    expectFound(program(false), 'use-after-unmap');
  });

  it('reads the right value by luck where the slot is left as it is', () => {
    expectExhausted(silent(false, false));
  });

  it('reads a foreign value once an interrupt has used the slot', () => {
    expectFound(silent(false, true), 'final-check');
  });

  it('is sound with the entry in a variable', () => {
    expectExhausted(program(true));
    expectExhausted(silent(true, true));
  });
});
