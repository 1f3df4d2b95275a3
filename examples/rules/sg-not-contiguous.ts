/**
 * sg-not-contiguous: Two neighbouring frames of different sections are merged into one entry.
 */
import { sgInitTable, sgSetPage } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, gapSections: [1], lowmemPages: 2048 },
  tasks: {
    *driver({ machine }) {
      const lastOfSection = machine.hardware.memory.page(1023);
      sgSetPage(sgInitTable(1).entry(0), lastOfSection, 2 * machine.pageSize); // merged with its neighbour
    },
  },
});
