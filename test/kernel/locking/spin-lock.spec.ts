import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { Task } from 'scatterlist';
import { SpinLock } from 'scatterlist/explore';
import { violationOf } from '../violations.ts';

function state({ preemptCount, migrateDisabled, cpu }: Task): readonly unknown[] {
  return [preemptCount, migrateDisabled, cpu.irqsDisabled, cpu.softirqDepth];
}

describe('SpinLock', () => {
  for (const preemptRt of [false, true]) {
    const machine = createMachine({ preemptRt });
    const task = machine.task();
    const other = machine.task('other', { cpu: 1 });
    const kernel = preemptRt ? 'PREEMPT_RT' : 'PREEMPT';
    const held = (irqs: boolean, softirqs: number): readonly unknown[] =>
      preemptRt ? [0, 1, false, 0] : [1, 0, irqs, softirqs];

    it(`keeps off what its form says and gives it back, on ${kernel}`, () => {
      const lock = new SpinLock(machine, 'lock');
      runAlone(task, lock.lock(task));
      expect(state(task)).to.deep.equal(held(false, 0));
      lock.unlock(task);
      runAlone(task, lock.lockIrq(task));
      expect(state(task)).to.deep.equal(held(true, 0));
      lock.unlockIrq(task);
      runAlone(task, lock.lockBh(task));
      expect(state(task)).to.deep.equal(held(false, 1));
      lock.unlockBh(task);
      const flags = runAlone(task, lock.lockIrqsave(task));
      expect(state(task)).to.deep.equal(held(true, 0));
      lock.unlockIrqrestore(task, flags);
      expect(state(task)).to.deep.equal([0, 0, false, 0]);
    });

    it(`is tried without waiting, on ${kernel}`, () => {
      const lock = new SpinLock(machine, 'lock');
      expect(lock.tryLock(task)).to.equal(true);
      expect(lock.holders).to.deep.equal([task]);
      expect(lock.tryLock(other)).to.equal(false);
      expect(state(other)).to.deep.equal([0, 0, false, 0]);
      lock.unlock(task);
      expect(lock.tryLock(other)).to.equal(true);
      lock.unlock(other);
    });

    it(`has its waiter ${preemptRt ? 'sleep' : 'spin'} until it is given back, on ${kernel}`, () => {
      const lock = new SpinLock(machine, 'lock');
      runAlone(task, lock.lock(task));
      const waiting = lock.lock(other);
      expect(waiting.next()).to.deep.equal({ done: false, value: { sleepOn: lock.queue } });
      expect([lock.queue.spins, lock.queue.waiters.length]).to.deep.equal([!preemptRt, 1]);
      lock.unlock(task);
      expect(waiting.next().done).to.equal(true);
      expect(lock.holders).to.deep.equal([other]);
      lock.unlock(other);
    });
  }

  it('taken twice by one context is a deadlock', () => {
    const machine = createMachine();
    const task = machine.task();
    const lock = new SpinLock(machine, 'lock');
    runAlone(task, lock.lock(task));
    expect(violationOf(() => runAlone(task, lock.lock(task)))).to.equal('deadlock');
  });

  it('is given back by its holder only', () => {
    const machine = createMachine();
    const lock = new SpinLock(machine, 'lock');
    expect(
      violationOf(() => {
        lock.unlock(machine.task());
      }),
    ).to.equal('count-imbalance');
  });

  it('raw, spins on PREEMPT_RT too', () => {
    const machine = createMachine({ preemptRt: true });
    const task = machine.task();
    const lock = new SpinLock(machine, 'lock', { raw: true });
    runAlone(task, lock.lock(task));
    expect(state(task)).to.deep.equal([1, 0, false, 0]);
  });
});
