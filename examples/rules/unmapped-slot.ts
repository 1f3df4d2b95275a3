/**
 * unmapped-slot: A loop through a local address runs on past the end of the page.
 */
import { defineProgram } from 'scatterlist/explore';
import { AddressSpace, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page);
      const pointer = m.vaddr;
      kunmapLocal(task, m);
      return new AddressSpace(task).load8(pointer); // the number of the address was kept
    },
  },
});
