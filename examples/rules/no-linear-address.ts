/**
 * no-linear-address: An address is computed from the number of a highmem page, as for lowmem.
 */
import { defineProgram } from 'scatterlist/explore';
import { AddressSpace, pageToVirt } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, page }) {
      const address = pageToVirt(machine, page); // computed from the number of the page
      new AddressSpace(task).store32(address, 1);
    },
  },
});
