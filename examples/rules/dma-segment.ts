/**
 * dma-segment: Contiguous pages were merged to one entry of 128 KiB; the controller takes 64 KiB.
 */
import { DmaDevice, dmaMapSgtable, dmaUnmapSgtable, sgAllocTableFromPages } from 'scatterlist';
import type { Machine, SgTable } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

function tableOf(machine: Machine): SgTable<'lowmem'> {
  const made = sgAllocTableFromPages(machine.allocPages(2, { zone: 'lowmem' }), { size: 8192 });
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    device: new DmaDevice(machine, { name: 'mmc', maxSegmentBytes: 4096 }),
    table: tableOf(machine),
  }),
  tasks: {
    *driver({ task, device, table }) {
      const mapped = dmaMapSgtable(task, device, table, 'toDevice'); // an entry of two pages
      if (mapped.ok) dmaUnmapSgtable(task, device, table, 'toDevice');
    },
  },
});
