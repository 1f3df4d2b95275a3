/**
 * sg-endless-list: The last slot of an array links back to its first, and the list is counted.
 */
import { sgChain, sgInitTable, sgNents } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  tasks: {
    *driver({ machine }) {
      const list = sgInitTable<'highmem'>(2);
      sgChain(list, 2, list.entry(0)); // back to its own first entry
      return sgNents(list.entry(0), { machine });
    },
  },
});
