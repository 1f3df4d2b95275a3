/**
 * dma-range: A request without data is mapped like any other request.
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
    *driver({ task, device, page }) {
      const lengthBytes = 0; // a request without data
      return dmaMapPage(task, device, page, 0, lengthBytes, 'toDevice').ok;
    },
  },
});
