import { expect } from 'chai';
import { SpinLock, explain, explore, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue } from 'scatterlist/machine';
import { found } from '../programs.ts';

describe('InterruptActor', () => {
  it('reports an interrupt that sleeps', () => {
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

  it('finds the spinlock that an interrupt takes from the task it interrupted', () => {
    expect(found(explore(spin(false))).violation.rule).to.equal('deadlock');
    expect(explore(spin(true)).kind).to.equal('exhausted');
  });

  const seen: Program<{ log: string[] }> = {
    machine: { cpus: 2 },
    setup: () => ({ log: [] }),
    tasks: { *idle() {} },
    interrupts: {
      fixed: {
        kind: 'hardirq',
        cpu: 1,
        run({ irq, log }) {
          log.push(`fixed ${String(irq.cpu.id)}`);
        },
      },
      any: {
        kind: 'hardirq',
        cpu: 'any',
        run({ irq, log }) {
          log.push(`any ${String(irq.cpu.id)}`);
        },
      },
    },
    check: ({ log }) => {
      throw new Error(log.join(', '));
    },
  };

  it('runs the handler on the CPU that the program or the schedule names', () => {
    const told = explain(seen, parseSchedule('0.1.2@1'));
    expect(told.exact).to.equal(true);
    expect(told.violation?.what).to.include('fixed 1, any 1');
    expect(told.steps.map(({ cpu }) => cpu)).to.deep.equal([0, 1, 1]);
    expect(explain(seen, parseSchedule('0.1.2@0')).violation?.what).to.include('fixed 1, any 0');
  });

  const nested: Program = {
    tasks: { *idle() {} },
    interrupts: {
      soft: {
        kind: 'softirq',
        *run() {
          yield;
        },
      },
      hard: {
        kind: 'hardirq',
        *run() {
          yield;
        },
      },
    },
  };

  it('lets a hard interrupt arrive inside a softirq, and not the other way round', () => {
    expect(explain(nested, parseSchedule('0.1.2.2.1')).exact).to.equal(true);
    expect(explain(nested, parseSchedule('0.2.1')).exact).to.equal(false);
  });
});
