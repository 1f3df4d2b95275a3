/**
 * slot-taken: A handler maps in the fixed slot that the interrupted task uses.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    first: machine.allocPage({ zone: 'highmem' }),
    second: machine.allocPage({ zone: 'highmem' }),
  }),
  tasks: {
    *driver({ task, machine, first, second }) {
      const m = kmapLocalPage(task, first);
      machine.hardware.pageTable.local.set(m.slot, second.pfn); // a handler uses the same fixed slot
      const seen = m.load8(0);
      kunmapLocal(task, m);
      return seen;
    },
  },
});
