/**
 * wild-access: An interrupt clears the slot of the task it interrupted.
 */
import { defineProgram } from 'scatterlist/explore';
import { vmap, vunmap } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ pages: machine.allocPages(2, { zone: 'highmem' }) }),
  tasks: {
    *driver({ task, machine, pages }) {
      const mapped = vmap(task, pages);
      if (!mapped.ok) return;
      machine.hardware.pageTable.vmalloc.clear(mapped.value.slot + 1); // an entry cleared under its user
      mapped.value.load8(machine.pageSize);
      vunmap(task, mapped.value);
    },
  },
});
