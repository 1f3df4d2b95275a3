/**
 * to-page-of-local: An iterator looks up the page of an address that kmap_local_page() returned.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kmapToPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page);
      const same = kmapToPage(task, m.vaddr) === page; // the caller had the page
      kunmapLocal(task, m);
      return same;
    },
  },
});
