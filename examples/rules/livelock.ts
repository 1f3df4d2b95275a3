/**
 * livelock: Two tasks each take one lock, fail to get the other, give the first back, and try again in step.
 */
import type { Sleeping, Task } from 'scatterlist';
import { Mutex, defineProgram } from 'scatterlist/explore';

/** Takes one lock, tries the other, and gives the first back if that fails. */
function* takeBoth(task: Task, first: Mutex, second: Mutex): Sleeping<void> {
  for (;;) {
    yield* first.lock(task);
    yield;
    if (second.tryLock(task)) break;
    first.unlock(task);
    yield;
  }
  second.unlock(task);
  first.unlock(task);
}

export default defineProgram({
  machine: { cpus: 2 },
  setup: (machine) => ({ a: new Mutex(machine, 'a'), b: new Mutex(machine, 'b') }),
  tasks: {
    one: ({ task, a, b }) => takeBoth(task, a, b),
    two: ({ task, a, b }) => takeBoth(task, b, a),
  },
});
