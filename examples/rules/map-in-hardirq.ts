/**
 * map-in-hardirq: A handler enables interrupts and maps a page.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: { *idle() {} },
  interrupts: {
    timer: {
      kind: 'hardirq',
      run({ irq, page }) {
        irq.cpu.irqsDisabled = false; // the handler enables interrupts
        const m = kmapLocalPage(irq, page);
        kunmapLocal(irq, m);
      },
    },
  },
});
