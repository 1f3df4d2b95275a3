/**
 * dma-not-mapped: The error path unmaps a buffer that was never mapped.
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
      const mapped = dmaMapPage(task, device, page, 0, 64, 'toDevice');
      if (!mapped.ok) return;
      dmaUnmapPage(task, device, mapped.value, 64, 'toDevice');
      dmaUnmapPage(task, device, mapped.value, 64, 'toDevice'); // the error path, once more
    },
  },
});
