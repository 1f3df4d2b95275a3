import type { Program } from 'scatterlist/explore';
import { FixedSlots, kmapAtomicType, kunmapAtomicType } from 'scatterlist/machine';
import type { KmType, Page } from 'scatterlist/machine';
import { expectExhausted, expectFound } from './support.ts';

// The clone of a bio maps source and destination in the same fixed slot, one right after the other: both
// addresses are one, and the destination is copied onto itself.
// (Linux 2.5, fixed 17 June 2002; linux-history 9d8e650645)
//
// Oracle: a slot handed out twice; where nobody checks that, a translation that is not the mapping's.

interface Shared {
  readonly source: Page;
  readonly copy: Page;
}

function program(copySlot: KmType, debug = true, allow: Program['allow'] = []): Program<Shared> {
  return {
    machine: { cpus: 1 },
    parts: { localSlots: (hardware) => new FixedSlots(hardware, { debug }) },
    allow,
    setup: (machine) => {
      const source = machine.allocPage({ zone: 'highmem' });
      machine.physical(source)[0] = 7;
      return { source, copy: machine.allocPage({ zone: 'highmem' }) };
    },
    tasks: {
      *bioCopy({ task, source, copy }) {
        const from = kmapAtomicType(task, source, 'KM_USER0');
        const to = kmapAtomicType(task, copy, copySlot);
        to.store8(0, from.load8(0));
        kunmapAtomicType(task, to);
        kunmapAtomicType(task, from);
      },
    },
    check: ({ memory, copy }) => memory.load8(copy, 0) === 7,
  };
}

describe('bio-copy-one-slot-two-pages', () => {
  it('takes a slot that is taken', () => {
    expectFound(program('KM_USER0'), 'slot-busy');
  });

  it('reads the destination through the mapping of the source where nobody checks the slot', () => {
    expectFound(program('KM_USER0', false), 'slot-taken');
  });

  it('leaves the copy as it was where nobody watches the translation either', () => {
    expectFound(program('KM_USER0', false, ['slot-taken']), 'final-check');
  });

  it('is sound with a slot each', () => {
    expectExhausted(program('KM_USER1'));
    expectExhausted(program('KM_USER1', false));
  });
});
