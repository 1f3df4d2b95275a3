/**
 * kunmap-underflow: A page is unmapped twice, and its slot has no other user.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmap, kunmap, kunmapHigh } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = yield* kmap(task, page);
      kunmap(task, m);
      kunmapHigh(task, page); // the same map once more, by its page
    },
  },
});
