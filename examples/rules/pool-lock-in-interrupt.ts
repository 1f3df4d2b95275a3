/**
 * pool-lock-in-interrupt: A completion handler releases a page that the submitter mapped with kmap().
 */
import { createMachine } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { kmap, kunmapHigh } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  tasks: {
    *driver() {
      // On a machine of its own: in the explorer the interrupt would have to meet the lock.
      const machine = createMachine({ highmemPages: 4 });
      const submitter = machine.task('submitter');
      const page = machine.allocPage({ zone: 'highmem' });
      const m = yield* kmap(submitter, page);
      machine.interrupt('hardirq', (irq) => kunmapHigh(irq, m)); // the completion handler
    },
  },
});
