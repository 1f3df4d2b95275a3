/**
 * torn-bounce: A device writes less than was mapped, and the unmap copies the whole buffer back.
 */
import { DmaDevice } from 'scatterlist';
import type { Machine } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { BouncePool, dmaMapPage, dmaUnmapPage } from 'scatterlist/machine';

/** A device behind bounce buffers that does not fill them when a buffer is mapped. */
class Forgetful extends DmaDevice {
  protected override initialise(): void {
    // What the last user left stays.
  }
}

function bouncing(machine: Machine): DmaDevice {
  return new Forgetful(machine, { name: 'nic', bounce: { pool: new BouncePool(machine), always: true } });
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4, bounceSlots: 8 },
  setup: (machine) => ({ device: bouncing(machine), page: machine.allocPage({ zone: 'lowmem' }) }),
  tasks: {
    *driver({ task, device, page }) {
      const mapped = dmaMapPage(task, device, page, 0, 64, 'fromDevice');
      if (!mapped.ok) return;
      device.write(mapped.value, new Uint8Array(63)); // less than was mapped
      dmaUnmapPage(task, device, mapped.value, 64, 'fromDevice'); // copies all 64 bytes back
    },
  },
});
