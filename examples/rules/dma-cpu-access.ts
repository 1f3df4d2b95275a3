/**
 * dma-cpu-access: The driver reads the first bytes of a buffer before it unmaps the buffer.
 */
import { DmaDevice } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { dmaMapPage, dmaUnmapPage, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    device: new DmaDevice(machine, { name: 'nic' }),
    page: machine.allocPage({ zone: 'lowmem' }),
  }),
  tasks: {
    *driver({ task, device, page }) {
      const mapped = dmaMapPage(task, device, page, 0, 64, 'fromDevice');
      if (!mapped.ok) return;
      device.write(mapped.value, new Uint8Array(64));
      const m = kmapLocalPage(task, page);
      m.load8(0); // before dma_unmap_page or dma_sync_single_for_cpu
      kunmapLocal(task, m);
      dmaUnmapPage(task, device, mapped.value, 64, 'fromDevice');
    },
  },
});
