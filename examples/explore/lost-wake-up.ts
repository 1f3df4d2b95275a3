/**
 * A wake-up that comes too early.
 *
 * A driver starts a transfer and sleeps until the interrupt says that the page is filled. It looks at
 * the flag, sees that it must wait, and then puts itself on the queue. The interrupt that arrives in
 * between finds an empty queue and wakes nobody; the driver sleeps for ever. wait_event() queues first
 * and looks afterwards, so there is no such moment: see `waitEvent`.
 *
 * Try it: `scatterlist explore examples/explore/lost-wake-up.ts`
 */
import { defineProgram } from 'scatterlist/explore';
import { WaitQueue, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({
    page: machine.allocPage({ zone: 'highmem' }),
    filled: new WaitQueue('filled'),
    state: { done: false }, // what actors change lies in an object, where the explorer sees it
  }),
  tasks: {
    *driver({ task, page, filled, state }) {
      while (!state.done) {
        yield; // between the test and the sleep
        filled.add(task);
        yield { sleepOn: filled };
        filled.remove(task);
      }
      const m = kmapLocalPage(task, page);
      const first = m.load8(0);
      kunmapLocal(task, m);
      return first;
    },
  },
  interrupts: {
    transferDone: {
      kind: 'hardirq',
      run({ irq, page, filled, state }) {
        const m = kmapLocalPage(irq, page);
        m.store8(0, 0x5a);
        kunmapLocal(irq, m);
        state.done = true;
        filled.wakeAll();
      },
    },
  },
  check: ({ results }) => results['driver'] === 0x5a,
});
