/**
 * sg-chain-over-entry: An array of four entries is linked to another by its fourth slot.
 */
import { sgChain, sgInitTable, sgSetPage } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ machine, page }) {
      const list = sgInitTable<'highmem'>(4);
      sgSetPage(list.entry(3), page, 100);
      sgChain(list, 4, sgInitTable<'highmem'>(1).entry(0), { machine }); // the fourth slot is in use
    },
  },
});
