/**
 * bad-number: A size is the result of a subtraction, and is negative.
 */
import { defineProgram } from 'scatterlist/explore';
import { zeroUser } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const sent = 20;
      const left = 16 - sent; // negative
      zeroUser(task, page, 0, left);
    },
  },
});
