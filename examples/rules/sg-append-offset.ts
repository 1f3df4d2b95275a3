/**
 * sg-append-offset: The second batch of pages of a table begins in the middle of a page.
 */
import { SgAppendTable, sgAllocAppendTableFromPages } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    page: machine.allocPage({ zone: 'highmem' }),
    next: machine.allocPage({ zone: 'highmem' }),
  }),
  tasks: {
    *driver({ machine, page, next }) {
      const table = new SgAppendTable<'highmem'>({ machine });
      const first = sgAllocAppendTableFromPages(table, [page], { size: 4096, leftPages: 1 });
      const second = sgAllocAppendTableFromPages(table, [next], { size: 4000, offset: 96 }); // not from its start
      return first.ok && second.ok;
    },
  },
});
