/**
 * unmap-address: The pointer was advanced to the end of the page before it is handed to the unmap.
 */
import { virtAddr } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, page }) {
      const m = kmapLocalPage(task, page);
      let at = 0;
      while (at < machine.pageSize) at += 512; // the pointer moves with the copy
      kunmapLocal(task, virtAddr(m.vaddr + at)); // and is behind the page now
    },
  },
});
