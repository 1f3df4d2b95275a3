/**
 * range-overrun: zero_user() is called for the rest of a block that is larger than the page.
 */
import { defineProgram } from 'scatterlist/explore';
import { zeroUser } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const from = 1024;
      const block = 4096; // larger than what is left of the page
      zeroUser(task, page, from, block);
    },
  },
});
