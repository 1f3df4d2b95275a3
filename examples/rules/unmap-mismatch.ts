/**
 * unmap-mismatch: A section was converted to kmap() and still ends with kunmap_atomic().
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapAtomic } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page); // converted from kmap_atomic
      kunmapAtomic(task, m); // the end of the section was forgotten
    },
  },
});
