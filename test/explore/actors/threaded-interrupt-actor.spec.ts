import { expect } from 'chai';
import { explain, explore, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { Semaphore } from 'scatterlist/machine';

describe('ThreadedInterruptActor', () => {
  const program: Program<{ sem: Semaphore; log: string[] }> = {
    machine: { preemptRt: true },
    setup: (machine) => ({ sem: new Semaphore(machine, 'sem', 0), log: [] }),
    tasks: {
      *one({ task, raise, sem }) {
        raise('irq');
        yield;
        sem.up(task);
      },
    },
    interrupts: {
      irq: {
        kind: 'hardirq',
        onlyRaised: true,
        *run({ irq, sem, log }) {
          log.push(irq.kind);
          if (irq.kind === 'task') yield* sem.down(irq);
          log.push('done');
        },
      },
    },
    check: ({ log }) => log.join(' ') === 'task done',
  };

  it('runs the handler in a task, which may sleep', () => {
    expect(explore(program).kind).to.equal('exhausted');
  });

  it('arrives only after it was raised', () => {
    expect(explain(program, parseSchedule('0.1')).exact).to.equal(true);
    expect(explain(program, parseSchedule('1.0')).exact).to.equal(false);
  });
});
