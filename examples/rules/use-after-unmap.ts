/**
 * use-after-unmap: An entry is read through a pointer into a page-table page that was just unmapped.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const entry = kmapLocalPage(task, page);
      kunmapLocal(task, entry);
      return entry.load32(0); // the page is not mapped any more
    },
  },
});
