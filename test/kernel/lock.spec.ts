import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { Mutex } from 'scatterlist/explore';
import { Hash } from '../../lib/base/hash.ts';
import { LockQueue } from '../../lib/kernel/lock.ts';

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
});
