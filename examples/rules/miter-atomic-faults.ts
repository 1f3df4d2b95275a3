/**
 * miter-atomic-faults: The loop body calls pagefault_enable() before the iterator stops.
 */
import { SgMiter, sgAllocTableFromPages } from 'scatterlist';
import type { Machine, SgEntry } from 'scatterlist';
import { kmapAtomic } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';
import { pagefaultEnable } from 'scatterlist/machine';

/** An entry of 100 bytes. */
function entryOf(machine: Machine): SgEntry<'highmem'> {
  const table = sgAllocTableFromPages(machine.allocPages(1, { zone: 'highmem' }), { size: 100 });
  if (!table.ok || table.value.sgl === null) throw new Error('no table');
  return table.value.sgl;
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ sg: entryOf(machine) }),
  tasks: {
    *driver({ task, sg }) {
      const it = new SgMiter(sg, kmapAtomic(task), 'fromSg');
      it.next();
      pagefaultEnable(task); // the chunk is mapped with page faults disabled
      it.stop();
    },
  },
});
