/**
 * use-after-free: The completion handler frees the page, and the submitter then copies its first bytes.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, page }) {
      machine.freePage(page); // by the completion handler
      const m = kmapLocalPage(task, page);
      const first = m.load8(0);
      kunmapLocal(task, m);
      return first;
    },
  },
});
