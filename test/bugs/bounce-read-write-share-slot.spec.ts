import { FixedSlots, kmapAtomicType, kunmapAtomicType } from 'scatterlist/machine';
import type { KmType, Page } from 'scatterlist/machine';
import { load8 } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Bounced block I/O copied both ways through one fixed slot: from the highmem page at submission, in the
// task; to the highmem page at completion, in the interrupt. A completion inside a submission points the
// slot elsewhere, and the rest of another page goes to the disk.
//
// linux-history ad5f5e02e7 (2.3.27, fixed in 2.3.28).
// Oracle: the slot is taken while it is in use; without that check, the bounce buffer holds foreign bytes.

interface Shared {
  readonly written: Page;
  readonly read: Page;
  /** The lowmem buffer that the disk reads. */
  readonly bounce: number[];
}

function program(completionSlot: KmType, debug: boolean): Program<Shared> {
  return {
    machine: { cpus: 1 },
    parts: { localSlots: (hardware) => new FixedSlots(hardware, { debug }) },
    setup: (machine) => {
      const [written, read] = machine.allocPages(2, { zone: 'highmem' });
      machine.physical(written!).fill(1);
      return { written: written!, read: read!, bounce: [] };
    },
    tasks: {
      *submit({ task, written, bounce }) {
        const m = kmapAtomicType(task, written, 'KM_USER0');
        for (let at = 0; at < 2; at += 1) bounce.push(yield* load8(m, at));
        kunmapAtomicType(task, m);
      },
    },
    interrupts: {
      complete: {
        kind: 'hardirq',
        run({ irq, read }) {
          const m = kmapAtomicType(irq, read, completionSlot);
          m.store8(0, 7);
          kunmapAtomicType(irq, m);
        },
      },
    },
    check: ({ bounce }) => bounce.join() === '1,1' || `the disk gets ${bounce.join()}`,
  };
}

describe('bounce-read-write-share-slot', () => {
  it('takes the slot of the copy that it interrupts', () => {
    expectFound(program('KM_USER0', true), 'slot-busy');
  });

  it('reaches the completed page through the slot', () => {
    expectFound(program('KM_USER0', false), 'slot-taken');
  });

  it('sends foreign bytes to the disk', () => {
    expectFound({ ...program('KM_USER0', false), allow: ['slot-taken'] }, 'final-check');
  });

  for (const debug of [true, false]) {
    it(`does not with a second slot${debug ? ', checked' : ''}`, () => {
      expectExhausted(program('KM_IRQ0', debug));
    });
  }
});
