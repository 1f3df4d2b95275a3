/**
 * left-over-translation: An unmap returns before it clears the entry, and the page is freed.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, page }) {
      const m = kmapLocalPage(task, page);
      kunmapLocal(task, m);
      machine.hardware.pageTable.local.set(m.slot, page.pfn); // an unmap that leaves its entry
      machine.freePage(page);
    },
  },
});
