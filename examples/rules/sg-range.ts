/**
 * sg-range: The walk advances by the DMA length, which is longer than the entry.
 */
import { sgAllocTableFromPages, sgMap } from 'scatterlist';
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
      const done = 100; // the length for the device, which is longer than what is left of the entry
      using m = sgMap(sg, done, kmapLocal(task)).value;
      m.load8(0);
    },
  },
});
