import { expect } from 'chai';
import { localIrqDisable, localIrqEnable } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { FixedSlots, kmapAtomicType, kunmapAtomicType } from 'scatterlist/machine';
import type { KmType, Page } from 'scatterlist/machine';
import { expectExhausted, expectFound } from './support.ts';

// A bitmap helper maps its pages in the slot of interrupts, because most callers hold a spinlock with
// interrupts off. Some do not, and an interrupt that uses the slot turns the scan to its own page.
// (DRBD 8.3 in 2009, drbd a0ea28716f; again in 9.0 in 2013, f7604d1983)
//
// Oracle: a slot handed out twice; where nobody checks that, the scan reads another page.

interface Shared {
  readonly bitmap: readonly Page[];
  readonly ones: Page;
}

interface Caller {
  readonly slot: KmType;
  readonly irqsOff?: boolean;
  readonly debug?: boolean;
  readonly allow?: Program['allow'];
}

function program({ slot, irqsOff = false, debug = true, allow = [] }: Caller): Program<Shared> {
  return {
    machine: { cpus: 1 },
    parts: { localSlots: (hardware) => new FixedSlots(hardware, { debug }) },
    allow,
    setup: (machine) => {
      const ones = machine.allocPage({ zone: 'highmem' });
      machine.physical(ones).fill(0xff);
      const bitmap = machine.allocPages(2, { zone: 'highmem' });
      for (const page of bitmap) machine.physical(page)[0] = 1;
      return { bitmap, ones };
    },
    tasks: {
      *countBits({ task, bitmap }) {
        let found = 0;
        if (irqsOff) localIrqDisable(task);
        for (const page of bitmap) {
          const m = kmapAtomicType(task, page, slot);
          yield;
          found += m.load8(0);
          kunmapAtomicType(task, m);
        }
        if (irqsOff) localIrqEnable(task);
        return found;
      },
    },
    interrupts: {
      endio: {
        kind: 'hardirq',
        run({ irq, ones }) {
          const m = kmapAtomicType(irq, ones, 'KM_IRQ0');
          m.load8(0);
          kunmapAtomicType(irq, m);
        },
      },
    },
    check: ({ results }) => results['countBits'] === 2,
  };
}

describe('drbd-irq-slot-in-process-context', () => {
  it('meets the interrupt in its slot', () => {
    const violation = expectFound(program({ slot: 'KM_IRQ0' }), 'slot-busy');
    expect(violation.what).to.equal('KM_IRQ0 of cpu0 is taken');
    expect(violation.mapping?.ownerName).to.equal('countBits');
  });

  it('goes on in the page of the interrupt where nobody checks the slot', () => {
    expectFound(program({ slot: 'KM_IRQ0', debug: false }), 'slot-taken');
  });

  it('counts the bits of that page where nobody watches the translation either', () => {
    expectFound(program({ slot: 'KM_IRQ0', debug: false, allow: ['slot-taken'] }), 'final-check');
  });

  it('is sound for the callers with interrupts off', () => {
    expectExhausted(program({ slot: 'KM_IRQ0', irqsOff: true }));
  });

  it('is sound with the slot of the caller', () => {
    expectExhausted(program({ slot: 'KM_USER0' }));
  });
});
