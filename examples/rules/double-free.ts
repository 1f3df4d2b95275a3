/**
 * double-free: Both the error path and the destructor free the page.
 */
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ machine, page }) {
      machine.freePage(page); // the error path
      machine.freePage(page); // the destructor
    },
  },
});
