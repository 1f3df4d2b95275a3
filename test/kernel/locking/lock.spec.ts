import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { Mutex } from 'scatterlist/explore';
import { Hash } from '../../../lib/base/hash.ts';
import { LockQueue, locksOf } from '../../../lib/kernel/locking/lock.ts';

describe('Lock', () => {
  const machine = createMachine({ trace: true });
  const mutex = new Mutex(machine, 'm');
  const [a, b] = [machine.task('a'), machine.task('b')];

  it('knows its holders and tells the trace', () => {
    runAlone(a, mutex.lock(a));
    expect(mutex.holders).to.deep.equal([a]);
    expect(machine.events.at(-1)).to.deep.include({ event: 'acquire', lock: 'm' });
    mutex.unlock(a);
    expect(machine.events.at(-1)).to.deep.include({ event: 'release', lock: 'm' });
  });

  it('queues who must wait, and its state is in the key', () => {
    const key = (): number => {
      const hash = new Hash();
      mutex.addTo(hash);
      return hash.value;
    };
    const free = key();
    runAlone(a, mutex.lock(a));
    const waiting = mutex.lock(b);
    waiting.next();
    expect(b.asleepOn).to.equal(mutex.queue);
    expect(mutex.queue).to.be.instanceOf(LockQueue);
    expect(key()).to.not.equal(free);
    mutex.unlock(a);
    expect(waiting.next().done).to.equal(true);
    mutex.unlock(b);
    expect(key()).to.equal(free);
  });

  it('reports a release by somebody else', () => {
    expect(() => {
      mutex.unlock(b);
    }).to.throw(/does not hold/);
  });

  it('counts and shows each hold, each wait and each refusal', () => {
    const traced = createMachine({ trace: true });
    const lock = new Mutex(traced, 'l');
    const [holder, waiter] = [traced.task('holder'), traced.task('waiter', { cpu: 1 })];
    runAlone(holder, lock.lock(holder));
    const waiting = lock.lock(waiter);
    waiting.next();
    expect(traced.events.at(-1)).to.deep.include({
      event: 'sleep',
      by: { name: 'waiter', cpu: 1 },
      on: 'l',
    });
    expect(lock.tryLock(waiter)).to.equal(false);
    expect(traced.executing).to.equal(waiter);
    expect(traced.events.at(-1)).to.deep.include({ event: 'refused', what: 'queue l' });
    lock.unlock(holder);
    expect(traced.executing).to.equal(holder);
    waiting.next();
    expect([traced.ledger.lockWaits, traced.ledger.lockAcquisitions]).to.deep.equal([1, 2]);
    expect(lock.queue.waiters).to.deep.equal([]);
  });

  it('refuses a try in the context that tries, whoever executed before', () => {
    const traced = createMachine({ trace: true });
    const lock = new Mutex(traced, 'l');
    const [holder, trier] = [traced.task('holder'), traced.task('trier')];
    runAlone(holder, lock.lock(holder));
    expect(traced.executing).to.equal(holder);
    expect(lock.tryLock(trier)).to.equal(false);
    expect(traced.executing).to.equal(trier);
    expect(traced.events.slice(-2)).to.deep.equal([
      { event: 'switch', cpu: 0, from: 'holder', to: 'trier' },
      { event: 'refused', what: 'queue l' },
    ]);
    expect(lock.holders).to.deep.equal([holder]);
  });

  it('tells in its key who holds and who waits', () => {
    const key = (holds: boolean, waits: boolean): number => {
      const other = createMachine();
      const lock = new Mutex(other, 'l');
      const [holder, waiter] = [other.task('holder'), other.task('waiter')];
      if (holds) runAlone(holder, lock.lock(holder));
      if (waits) lock.lock(waiter).next();
      const hash = new Hash();
      lock.addTo(hash);
      return hash.value;
    };
    expect(new Set([key(false, false), key(true, false), key(true, true), key(false, true)]).size).to.equal(
      4,
    );
  });

  it('are listed by the context that holds them', () => {
    const machine = createMachine();
    const task = machine.task();
    const [a, b] = [new Mutex(machine, 'a'), new Mutex(machine, 'b')];
    expect(locksOf(task)).to.deep.equal([]);
    a.tryLock(task);
    b.tryLock(task);
    expect(locksOf(task).map(({ name }) => name)).to.deep.equal(['a', 'b']);
    a.unlock(task);
    expect(locksOf(task).map(({ name }) => name)).to.deep.equal(['b']);
    const other = machine.task();
    expect(locksOf(other)).to.deep.equal([]);
    a.tryLock(other);
    expect([...locksOf(task), ...locksOf(other)].map(({ name }) => name)).to.deep.equal(['b', 'a']);
  });
});
