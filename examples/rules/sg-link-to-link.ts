/**
 * sg-link-to-link: The last slot of an array links to the last slot of another, which is a link.
 */
import { sgChain, sgInitTable } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  tasks: {
    *driver({ machine }) {
      const last = sgInitTable<'highmem'>(1);
      const middle = sgInitTable<'highmem'>(2);
      sgChain(middle, 2, last.entry(0));
      const first = sgInitTable<'highmem'>(2);
      sgChain(first, 2, middle.entry(1), { machine }); // that slot is a link itself
    },
  },
});
