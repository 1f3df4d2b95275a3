/**
 * A wake-up that comes too early.
 *
 * A driver starts a transfer and sleeps until the interrupt reports that the page is filled. It tests the
 * flag, sees that it must wait, and then joins the wait queue. An interrupt between these two steps finds an
 * empty queue and wakes no task, so the driver sleeps for ever. wait_event() joins the queue first and tests
 * the flag afterwards, so it cannot miss the wake-up: see `waitEvent`.
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
    state: { done: false }, // an object, because the explorer tracks changes of an object's properties
  }),
  tasks: {
    *driver({ task, page, filled, state }) {
      while (!state.done) {
        yield; // the interrupt may arrive here, between the test and the sleep
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
