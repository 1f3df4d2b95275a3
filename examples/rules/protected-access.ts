/**
 * protected-access: A page of persistent memory is written through page_address().
 */
import { defineProgram } from 'scatterlist/explore';
import { pageAddress } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4, protectedPages: 1 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'protected' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = pageAddress(task, page); // without pgmap_set_readwrite
      m?.store8(0, 1);
    },
  },
});
