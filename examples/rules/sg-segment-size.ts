/**
 * sg-segment-size: A driver passes its segment limit in sectors instead of bytes.
 */
import { sgAllocTableFromPages } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ machine, page }) {
      const sectors = 8; // the limit of the device, which is asked for in bytes
      return sgAllocTableFromPages([page], { size: 4096, maxSegmentBytes: sectors }, { machine }).ok;
    },
  },
});
