/**
 * stale-cache: A page is written through one cache colour and read, without a flush, through another.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4, dcacheColours: 2 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const user = kmapLocalPage(task, page);
      const kernel = kmapLocalPage(task, page); // another colour of the cache
      const old = kernel.load8(0);
      user.store8(0, 1);
      const seen = kernel.load8(0); // no flush_dcache_page() between
      kunmapLocal(task, kernel);
      kunmapLocal(task, user);
      return seen - old;
    },
  },
});
