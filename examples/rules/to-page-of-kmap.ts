/**
 * to-page-of-kmap: An iterator looks up the page of an address that kmap() returned.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmap, kmapToPage, kunmap } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = yield* kmap(task, page);
      const same = kmapToPage(task, m.vaddr) === page; // the caller had the page
      kunmap(task, m);
      return same;
    },
  },
});
