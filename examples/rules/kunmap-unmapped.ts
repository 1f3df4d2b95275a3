/**
 * kunmap-unmapped: kunmap() gets the address instead of the page and looks up another one.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmap, kunmap } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    page: machine.allocPage({ zone: 'highmem' }),
    other: machine.allocPage({ zone: 'highmem' }),
  }),
  tasks: {
    *driver({ task, page, other }) {
      const m = yield* kmap(task, page);
      kunmap(task, other); // the page of another request
      kunmap(task, m);
    },
  },
});
