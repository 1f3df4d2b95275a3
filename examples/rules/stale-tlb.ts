/**
 * stale-tlb: A pool slot is recycled without a flush on the other CPUs.
 */
import { defineProgram } from 'scatterlist/explore';
import { LocalSlots, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Hardware } from 'scatterlist/machine';

/** Slots that clear their entry and forget the TLB. */
class WithoutFlush extends LocalSlots {
  constructor(hardware: Hardware) {
    super(Object.create(hardware, { flushPageLocal: { value: () => undefined } }) as Hardware);
  }
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  parts: { localSlots: (hardware) => new WithoutFlush(hardware) },
  setup: (machine) => ({
    first: machine.allocPage({ zone: 'highmem' }),
    second: machine.allocPage({ zone: 'highmem' }),
  }),
  tasks: {
    *driver({ task, first, second }) {
      const old = kmapLocalPage(task, first);
      old.store8(0, 11);
      kunmapLocal(task, old);
      const m = kmapLocalPage(task, second); // takes the same slot
      const seen = m.load8(0); // the TLB still leads to the first page
      kunmapLocal(task, m);
      return seen;
    },
  },
});
