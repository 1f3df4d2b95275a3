import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { Hash } from '../../../lib/base/hash.ts';

describe('Completion', () => {
  it('lets one waiter through for each completion, early ones too', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const done = new Completion(machine, 'done');
    done.complete(b);
    runAlone(a, done.wait(a));
    const waiting = done.wait(a);
    expect(waiting.next().done).to.equal(false);
    done.complete(b);
    expect(waiting.next().done).to.equal(true);
    expect(done.free).to.equal(false);
  });

  it('is taken without sleeping if it is there', () => {
    const machine = createMachine({ trace: true });
    const task = machine.task();
    const done = new Completion(machine, 'done');
    expect(done.tryWait(task)).to.equal(false);
    expect(machine.events.at(-1)).to.deep.include({ event: 'refused', what: 'queue done' });
    done.complete(task);
    expect(machine.interrupt('hardirq', (irq) => done.tryWait(irq))).to.equal(true);
    expect([done.tryWait(task), done.free]).to.deep.equal([false, false]);
  });

  it('lets all through after complete_all, until it is used again', () => {
    const machine = createMachine();
    const task = machine.task();
    const done = new Completion(machine, 'done');
    const key = (): number => {
      const hash = new Hash();
      done.addTo(hash);
      return hash.value;
    };
    const before = key();
    done.completeAll(task);
    done.complete(task);
    for (let n = 0; n < 3; n += 1) runAlone(task, done.wait(task));
    expect([done.tryWait(task), done.free]).to.deep.equal([true, true]);
    expect(key()).to.not.equal(before);
    done.reinit(task);
    expect([done.tryWait(task), done.free]).to.deep.equal([false, false]);
    expect(key()).to.equal(before);
  });
});
