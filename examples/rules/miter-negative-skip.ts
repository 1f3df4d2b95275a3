/**
 * miter-negative-skip: Before a retry, the iterator skips back by the bytes that were read.
 */
import { SgMiter, sgAllocTableFromPages } from 'scatterlist';
import type { Machine, SgEntry } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';

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
      const it = new SgMiter(sg, kmapLocal(task), 'fromSg');
      it.next();
      it.skip(-20); // back, to try once more
      it.stop();
    },
  },
});
