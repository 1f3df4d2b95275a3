/**
 * sg-not-last: sg_chain() is called on an array whose last entry is in use.
 */
import { sgInitTable, sgLast } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  tasks: {
    *driver({ machine }) {
      const list = sgInitTable<'highmem'>(3);
      const used = 2; // the list has one entry more
      return sgLast(list.entry(0), used, { machine }).ok;
    },
  },
});
