/**
 * starvation: Two tasks take turns with the last slot of the pool, while a third task is woken each time.
 */
import { defineProgram, waitEvent } from 'scatterlist/explore';
import { WaitQueue } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 1 },
  starvationBound: 2,
  setup: () => ({ slot: new WaitQueue('slot'), pool: { free: false } }),
  tasks: {
    *third({ task, slot, pool }) {
      yield* waitEvent(task, slot, () => pool.free);
    },
    *twoOthers({ slot, pool }) {
      for (let turns = 0; turns < 4; turns += 1) {
        slot.wakeAll(); // one gave the slot back, and the other has it before the third runs
        yield;
      }
      pool.free = true;
      slot.wakeAll();
    },
  },
});
