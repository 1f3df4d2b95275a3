/**
 * dma-device-access: The device continues to write after the driver synced the buffer for the CPU.
 */
import { DmaDevice } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { dmaMapPage, dmaSyncSingleForCpu, dmaUnmapPage } from 'scatterlist/machine';

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
      dmaSyncSingleForCpu(task, device, mapped.value, 64, 'fromDevice');
      device.write(mapped.value, new Uint8Array(64)); // the buffer belongs to the CPU now
      dmaUnmapPage(task, device, mapped.value, 64, 'fromDevice');
    },
  },
});
