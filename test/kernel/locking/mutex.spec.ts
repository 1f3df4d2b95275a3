import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { Mutex } from 'scatterlist/explore';
import { preemptDisable, preemptEnable } from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

describe('Mutex', () => {
  const machine = createMachine();
  const task = machine.task();
  const other = machine.task('other', { cpu: 1 });

  it('has one holder; the others sleep until it gives it back', () => {
    const mutex = new Mutex(machine, 'mutex');
    runAlone(task, mutex.lock(task));
    const waiting = mutex.lock(other);
    waiting.next();
    expect([mutex.holders, other.asleepOn]).to.deep.equal([[task], mutex.queue]);
    mutex.unlock(task);
    expect(waiting.next().done).to.equal(true);
    expect([mutex.holders, other.asleepOn]).to.deep.equal([[other], undefined]);
    mutex.unlock(other);
  });

  it('is tried without sleeping', () => {
    const mutex = new Mutex(machine, 'mutex');
    expect([mutex.tryLock(task), mutex.tryLock(other)]).to.deep.equal([true, false]);
    mutex.unlock(task);
    expect(mutex.tryLock(other)).to.equal(true);
    mutex.unlock(other);
  });

  it('is not taken where sleeping is forbidden', () => {
    const mutex = new Mutex(machine, 'mutex');
    preemptDisable(task);
    expect(violationOf(() => runAlone(task, mutex.lock(task)))).to.equal('sleep-in-atomic');
    preemptEnable(task);
  });

  it('is given back by its holder only', () => {
    expect(
      violationOf(() => {
        new Mutex(machine, 'mutex').unlock(task);
      }),
    ).to.equal('count-imbalance');
  });
});
