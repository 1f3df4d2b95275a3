/**
 * iomem-plain-access: A shadow framebuffer is copied to the device with memcpy().
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ bar: machine.ioRegion(1, { name: 'bar0' }) }),
  tasks: {
    *driver({ task, bar }) {
      const [frame] = bar;
      if (frame === undefined) return;
      const m = kmapLocalPage(task, frame);
      m.copyFrom(new Uint8Array(64)); // memcpy; memcpy_toio is the function for it
      kunmapLocal(task, m);
    },
  },
});
