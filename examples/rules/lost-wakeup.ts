/**
 * lost-wakeup: A task tests a flag, is preempted while another task sets it and wakes the queue, then sleeps.
 */
import { defineProgram } from 'scatterlist/explore';
import { WaitQueue } from 'scatterlist/machine';

export default defineProgram({
  setup: () => ({ filled: new WaitQueue('filled'), state: { done: false } }),
  tasks: {
    *driver({ task, filled, state }) {
      while (!state.done) {
        yield; // the interrupt may arrive here, and wakes no task
        filled.add(task);
        yield { sleepOn: filled };
        filled.remove(task);
      }
    },
  },
  interrupts: {
    transferDone: {
      kind: 'hardirq',
      run({ filled, state }) {
        state.done = true;
        filled.wakeAll();
      },
    },
  },
});
