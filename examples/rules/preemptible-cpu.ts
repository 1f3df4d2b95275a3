/**
 * preemptible-cpu: A section under kmap_atomic that counts in a per-CPU counter is converted to kmap_local_page.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal, smpProcessorId } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, page }) {
      const m = kmapLocalPage(task, page); // was kmap_atomic, which disabled preemption
      const cpu = smpProcessorId(task); // for a counter of this CPU
      kunmapLocal(task, m);
      return cpu;
    },
  },
});
