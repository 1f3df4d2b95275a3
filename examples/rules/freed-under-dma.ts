/**
 * freed-under-dma: The error path frees the receive buffer before it stops the ring that it is posted on.
 */
import { DmaDevice } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { dmaMapPage } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    device: new DmaDevice(machine, { name: 'nic' }),
    page: machine.allocPage({ zone: 'lowmem' }),
  }),
  tasks: {
    *driver({ task, machine, device, page }) {
      const mapped = dmaMapPage(task, device, page, 0, 64, 'fromDevice'); // a ring that still runs
      machine.freePage(page);
      return mapped.ok;
    },
  },
});
