/**
 * slot-overflow: A loop maps one page after another and releases them all at the end.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 16 },
  setup: (machine) => ({ pages: machine.allocPages(16, { zone: 'highmem' }) }),
  tasks: {
    *driver({ task, pages }) {
      const maps = pages.map((page) => kmapLocalPage(task, page)); // one more than there are slots
      for (const m of maps.reverse()) kunmapLocal(task, m);
    },
  },
});
