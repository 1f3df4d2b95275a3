/**
 * slot-underflow: An error path releases a map that was never made.
 */
import { createMachine } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  tasks: {
    *driver() {
      const direct = createMachine({ mode: 'direct' }); // a checked machine names the address first
      const task = direct.task('driver');
      kunmapLocal(task, direct.hardware.addresses.local(0)); // nothing is mapped
    },
  },
});
