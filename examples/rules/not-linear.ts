/**
 * not-linear: The physical address for a descriptor is taken from a kmap address.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal, virtToPhys } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page);
      const bus = virtToPhys(task, m.vaddr); // for a descriptor of the device
      kunmapLocal(task, m);
      return bus;
    },
  },
});
