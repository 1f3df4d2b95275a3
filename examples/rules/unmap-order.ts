/**
 * unmap-order: Destination and source are mapped in this order, and released in the same order.
 */
import { defineProgram } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    from: machine.allocPage({ zone: 'highmem' }),
    to: machine.allocPage({ zone: 'highmem' }),
  }),
  tasks: {
    *driver({ task, from, to }) {
      const target = kmapLocalPage(task, to);
      const source = kmapLocalPage(task, from);
      target.copyFrom(source.bytes);
      kunmapLocal(task, target); // the older map first
      kunmapLocal(task, source);
    },
  },
});
