/**
 * poison-consumed: A copy reads a page whose memory has failed, without the _mc form.
 */
import type { Machine, Page } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { copyHighpage } from 'scatterlist/machine';

/** A page with a byte that the memory cannot read any more. */
function poisoned(machine: Machine): Page {
  const page = machine.allocPage({ zone: 'highmem' });
  machine.memoryErrors.poison(page, 255);
  return page;
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ from: poisoned(machine), to: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *driver({ task, to, from }) {
      copyHighpage(task, to, from); // copy_mc_highpage would return an error
    },
  },
});
