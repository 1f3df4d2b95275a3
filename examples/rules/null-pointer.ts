/**
 * null-pointer: sg_virt() of a highmem entry is used as if its page had an address.
 */
import { defineProgram } from 'scatterlist/explore';
import { AddressSpace, pageAddressOf } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const address = pageAddressOf(task, page); // 0, because a highmem page has no address of its own
      return new AddressSpace(task).load8(address + 8);
    },
  },
});
