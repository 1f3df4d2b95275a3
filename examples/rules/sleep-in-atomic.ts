/**
 * sleep-in-atomic: A page table is mapped with kmap_atomic() and the next one is allocated with GFP_KERNEL.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapAtomic, kunmapAtomic, mightSleep } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const table = kmapAtomic(task, page);
      mightSleep(task); // as an allocation with GFP_KERNEL does
      kunmapAtomic(task, table);
    },
  },
});
