/**
 * sg-mixed-kinds: A buffer at the end of lowmem is described by one entry, although it continues in highmem.
 */
import { sgInitTable, sgSetPage } from 'scatterlist';
import type { Machine, Page } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

/** The page before the first of highmem. */
function lastOfLowmem(machine: Machine): Page {
  return machine.hardware.memory.page(machine.allocPage({ zone: 'highmem' }).pfn - 1);
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ last: lastOfLowmem(machine) }),
  tasks: {
    *driver({ machine, last }) {
      sgSetPage(sgInitTable(1).entry(0), last, 2 * machine.pageSize); // goes on in highmem
    },
  },
});
