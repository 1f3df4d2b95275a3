/**
 * sg-discard-iterator: Pages are extracted from an iterator that only counts bytes.
 */
import { SgTable, extractIterToSg, iovIterDiscard } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  tasks: {
    *driver({ machine }) {
      const table = new SgTable<'highmem'>();
      table.how = { machine };
      return extractIterToSg(iovIterDiscard(512), table, { maxBytes: 512, maxEntries: 1 }).ok;
    },
  },
});
