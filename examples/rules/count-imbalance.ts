/**
 * count-imbalance: An unmap returns early for lowmem pages and leaves the preempt count raised.
 */
import { defineProgram } from 'scatterlist/explore';
import { preemptDisable, preemptEnable } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'lowmem' }) }),
  tasks: {
    *driver({ task, page }) {
      preemptDisable(task);
      if (page.kind === 'lowmem') return; // the early return leaves preemption disabled
      preemptEnable(task);
    },
  },
});
