/**
 * sg-empty-entry: A table is walked to its allocated size and not to its used size.
 */
import { sgInitTable, sgMap, sgSetPage } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const allocated = sgInitTable<'highmem'>(2); // the second entry is not used
      sgSetPage(allocated.entry(0), page, 100);
      using m = sgMap(allocated.entry(1), 0, kmapLocal(task)).value;
      m.load8(0);
    },
  },
});
