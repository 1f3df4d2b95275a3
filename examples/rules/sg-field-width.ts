/**
 * sg-field-width: A buffer of 4 GiB or more is put into one entry.
 */
import { sgInitTable, sgSetPage } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ page }) {
      sgSetPage(sgInitTable(1).entry(0), page, 2 ** 32); // the length has 32 bits
    },
  },
});
