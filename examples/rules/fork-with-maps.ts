/**
 * fork-with-maps: A task forks between map and unmap.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, page }) {
      const m = kmapLocalPage(task, page);
      machine.fork(task, 'child'); // between map and unmap
      kunmapLocal(task, m);
    },
  },
});
