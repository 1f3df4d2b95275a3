/**
 * discarded-line: A buffer is written while it is mapped for a device, and the unmap drops the line.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4, dcacheColours: 1 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, page }) {
      const m = kmapLocalPage(task, page);
      m.store8(5, 7);
      machine.hardware.dataCache?.invalidate(page, 0, 0, 32); // as the unmap of a receive buffer does
      const seen = m.load8(5);
      kunmapLocal(task, m);
      return seen;
    },
  },
});
