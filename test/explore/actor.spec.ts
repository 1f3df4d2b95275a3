import { expect } from 'chai';
import { SpinLock, explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue, preemptDisable } from 'scatterlist/machine';
import { found } from './programs.ts';

describe('actors', () => {
  it('report a sleep in an atomic section', () => {
    const outcome = explore({
      setup: () => ({ queue: new WaitQueue('q') }),
      tasks: {
        *one({ task, queue }) {
          preemptDisable(task);
          queue.add(task);
          yield { sleepOn: queue };
        },
      },
    });
    expect(found(outcome).violation.rule).to.equal('sleep-in-atomic');
  });

  it('report an interrupt that sleeps', () => {
    const outcome = explore({
      setup: () => ({ queue: new WaitQueue('q') }),
      tasks: { *idle() {} },
      interrupts: {
        irq: {
          kind: 'softirq',
          *run({ queue }) {
            yield { sleepOn: queue };
          },
        },
      },
    });
    expect(found(outcome).violation.rule).to.equal('sleep-in-atomic');
  });

  const spin = (irqOff: boolean): Program<{ lock: SpinLock }> => ({
    setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
    tasks: {
      *one({ task, lock }) {
        yield* irqOff ? lock.lockIrq(task) : lock.lock(task);
        yield;
        if (irqOff) lock.unlockIrq(task);
        else lock.unlock(task);
      },
    },
    interrupts: {
      irq: {
        kind: 'hardirq',
        *run({ irq, lock }) {
          yield* lock.lock(irq);
          lock.unlock(irq);
        },
      },
    },
  });

  it('find the spinlock that an interrupt takes from the task it interrupted', () => {
    expect(found(explore(spin(false))).violation.rule).to.equal('deadlock');
    expect(explore(spin(true)).kind).to.equal('exhausted');
  });

  it('bound how often a task may be woken in vain', () => {
    const program: Program<{ queue: WaitQueue }> = {
      starvationBound: 2,
      setup: () => ({ queue: new WaitQueue('q') }),
      tasks: {
        *starved({ task, queue }) {
          for (let i = 0; i < 4; i += 1) {
            queue.add(task);
            yield { sleepOn: queue };
            queue.remove(task);
          }
        },
        *noisy({ queue }) {
          for (let i = 0; i < 5; i += 1) {
            queue.wakeAll();
            yield;
          }
        },
      },
    };
    expect(found(explore(program)).violation.rule).to.be.oneOf(['starvation', 'lost-wakeup']);
  });
});
