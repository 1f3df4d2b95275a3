/**
 * dma-area: A buffer on the stack, which is vmalloc memory, is given to dma_map_single().
 */
import { DmaDevice } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { dmaMapSingle, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    device: new DmaDevice(machine, { name: 'nic' }),
    page: machine.allocPage({ zone: 'highmem' }),
  }),
  tasks: {
    *driver({ task, device, page }) {
      const buffer = kmapLocalPage(task, page);
      const address = dmaMapSingle(task, device, buffer.vaddr, 64, 'toDevice'); // not in the linear map
      kunmapLocal(task, buffer);
      return address.ok;
    },
  },
});
