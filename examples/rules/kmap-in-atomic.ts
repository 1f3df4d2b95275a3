/**
 * kmap-in-atomic: A checksum routine that uses kmap() is also called on completion, in a softirq.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmap, kunmap } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: { *idle() {} },
  interrupts: {
    complete: {
      kind: 'softirq',
      *run({ irq, page }) {
        const m = yield* kmap(irq, page); // may sleep, in a handler
        kunmap(irq, m);
      },
    },
  },
});
