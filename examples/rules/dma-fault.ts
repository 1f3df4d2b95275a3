/**
 * dma-fault: The device writes a packet longer than the buffer that was mapped.
 */
import { DmaDevice } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { dmaMapPage, dmaUnmapPage } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    device: new DmaDevice(machine, { name: 'nic', iommu: {} }),
    page: machine.allocPage({ zone: 'lowmem' }),
  }),
  tasks: {
    *driver({ task, device, page }) {
      const mapped = dmaMapPage(task, device, page, 0, 64, 'fromDevice');
      if (!mapped.ok) return;
      device.write(mapped.value, new Uint8Array(1500)); // a packet longer than its buffer
      dmaUnmapPage(task, device, mapped.value, 64, 'fromDevice');
    },
  },
});
