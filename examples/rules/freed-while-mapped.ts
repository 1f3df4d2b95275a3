/**
 * freed-while-mapped: The scratch page is returned to the pool before it is unmapped.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, page }) {
      const scratch = kmapLocalPage(task, page);
      machine.freePage(page); // before its unmap
      kunmapLocal(task, scratch);
    },
  },
});
