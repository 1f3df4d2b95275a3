import { kmapAtomic, kunmapAtomic } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { FixedSlots } from './components/fixed-slots.ts';
import { expectExhausted, expectFound } from './support.ts';

// The page table is unmapped, and then its entry is read through the old pointer to update the MMU cache.
// (Linux 2.6.0-test, fixed 9 September 2003; linux-history 00dbb2eae8)
//
// Oracle: use after unmap. Where unmapping leaves the slot as it is and nobody looks, an interrupt in
// between leaves its own page there, and the value read is foreign: the final check.

const ENTRY = 5;

interface Shared {
  readonly slots: FixedSlots;
  readonly table: Page;
  readonly foreign: Page;
}

function setup(machine: Parameters<NonNullable<Program<Shared>['setup']>>[0]): Shared {
  return {
    slots: new FixedSlots(machine, false),
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

/** The kernel of the time: fixed slots that an unmap does not clear, and no watch on accesses. */
function silent(fixed: boolean, interrupt: boolean): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup,
    tasks: {
      *installPage({ task, slots, table }) {
        const pte = slots.map(task, table, 'KM_USER0');
        pte.store8(0, ENTRY);
        const value = fixed ? pte.load8(0) : undefined;
        slots.unmap(task, pte);
        yield;
        return value ?? slots.load8(task, pte, 0);
      },
    },
    interrupts: interrupt
      ? {
          other: {
            kind: 'softirq',
            run({ irq, slots, foreign }) {
              const m = slots.map(irq, foreign, 'KM_USER0');
              m.store8(0, 9);
              slots.unmap(irq, m);
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
