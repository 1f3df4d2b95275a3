/**
 * page-overrun: The page of a scatterlist entry is mapped once and the whole entry is read through it.
 */
import { sgAllocTableFromPages, sgMap, sgUnmap } from 'scatterlist';
import type { Machine, SgEntry } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';

function entryOf(machine: Machine): SgEntry<'highmem'> {
  const table = sgAllocTableFromPages(machine.allocPages(2, { zone: 'highmem' }), { size: 8192 });
  if (!table.ok || table.value.sgl === null) throw new Error('no table');
  return table.value.sgl;
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ sg: entryOf(machine) }),
  tasks: {
    *driver({ task, sg }) {
      const m = sgMap(sg, 0, kmapLocal(task)).value; // one page of an entry of two
      m.load8(5000);
      sgUnmap(m);
    },
  },
});
