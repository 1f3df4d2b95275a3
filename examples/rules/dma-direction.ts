/**
 * dma-direction: A buffer mapped DMA_TO_DEVICE is given to a receive ring.
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
      device.write(mapped.value, new Uint8Array(64)); // a receive ring writes
      dmaUnmapPage(task, device, mapped.value, 64, 'toDevice');
    },
  },
});
