/**
 * sg-entry-range: The last entry is rounded up to whole pages, and so ends behind the end of memory.
 */
import { sgInitTable, sgSetPage } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ last: machine.hardware.memory.page(machine.hardware.memory.ramEnd - 1) }),
  tasks: {
    *driver({ machine, last }) {
      const lengthBytes = 2 * machine.pageSize; // rounded up: behind the end of memory
      sgSetPage(sgInitTable(1).entry(0), last, lengthBytes);
    },
  },
});
