/**
 * double-unmap: The error branch unmaps, and then jumps to the common exit, which unmaps again.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page);
      const failed = true; // an error in the middle of the section
      if (failed) kunmapLocal(task, m);
      kunmapLocal(task, m); // the common exit unmaps too
    },
  },
});
