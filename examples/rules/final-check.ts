/**
 * final-check: Two tasks add one to a counter in a page and the counter is 1.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page);
      m.store8(0, 0x5a);
      yield;
      kunmapLocal(task, m);
    },
  },
  check: ({ page, memory }) => memory.load8(page, 1) === 0x5a, // the byte beside it
});
