import { expect } from 'chai';
import { SpinLock, explain, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';

describe('DeviceActor', () => {
  const program: Program<{ lock: SpinLock }> = {
    setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
    tasks: {
      *one({ task, lock }) {
        yield* lock.lock(task);
        yield;
        lock.unlock(task);
      },
    },
    devices: {
      *card() {
        yield;
      },
    },
  };

  it('takes its steps on no CPU', () => {
    const told = explain(program, parseSchedule('1.0.0.1'));
    expect(told.exact).to.equal(true);
    expect(told.steps.map(({ cpu }) => cpu)).to.deep.equal([-1, 0, 0, -1]);
  });
});
