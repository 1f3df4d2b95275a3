/**
 * dma-unchecked: The result of dma_map_single() is written into the descriptor without a check.
 */
import { DmaDevice } from 'scatterlist';
import type { DmaAddr } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { dmaMapPage, dmaUnmapPage } from 'scatterlist/machine';

/** What C does without `dma_mapping_error`: takes the address whether the map failed or not. */
function unchecked(mapped: object): DmaAddr {
  return Reflect.get(mapped, 'value') as DmaAddr;
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    device: new DmaDevice(machine, { name: 'nic' }),
    page: machine.allocPage({ zone: 'lowmem' }),
  }),
  tasks: {
    *driver({ task, device, page }) {
      const mapped = dmaMapPage(task, device, page, 0, 64, 'toDevice');
      dmaUnmapPage(task, device, unchecked(mapped), 64, 'toDevice');
    },
  },
});
