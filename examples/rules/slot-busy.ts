/**
 * slot-busy: An interrupt maps between the pop of an index and the clearing of its entry.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    page: machine.allocPage({ zone: 'highmem' }),
    other: machine.allocPage({ zone: 'highmem' }),
  }),
  tasks: {
    *driver({ task, machine, page, other }) {
      machine.hardware.pageTable.local.set(0, other.pfn); // a handler that popped and did not clear
      const m = kmapLocalPage(task, page);
      kunmapLocal(task, m);
    },
  },
});
