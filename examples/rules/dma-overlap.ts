/**
 * dma-overlap: Two receive buffers of 32 bytes each share a cache line.
 */
import { DmaDevice } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { dmaMapPage, dmaUnmapPage } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    device: new DmaDevice(machine, { name: 'nic' }),
    page: machine.allocPage({ zone: 'lowmem' }),
  }),
  tasks: {
    *driver({ task, device, page }) {
      const first = dmaMapPage(task, device, page, 0, 32, 'fromDevice');
      const second = dmaMapPage(task, device, page, 32, 32, 'fromDevice'); // in the same line of the cache
      if (second.ok) dmaUnmapPage(task, device, second.value, 32, 'fromDevice');
      if (first.ok) dmaUnmapPage(task, device, first.value, 32, 'fromDevice');
    },
  },
});
