/**
 * leak: An error path jumps over kunmap(); each error costs a slot of the pool.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page);
      const received = 3;
      if (received < 4) return; // the label lies below the unmap
      m.load32(0);
      kunmapLocal(task, m);
    },
  },
});
