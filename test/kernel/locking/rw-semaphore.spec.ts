import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { RwSemaphore } from 'scatterlist/explore';
import { preemptDisable, preemptEnable } from 'scatterlist/machine';
import { Hash } from '../../../lib/base/hash.ts';
import { violationOf } from '../violations.ts';

describe('RwSemaphore', () => {
  it('has many readers or one writer', () => {
    const machine = createMachine();
    const [a, b, c] = [machine.task('a'), machine.task('b'), machine.task('c')];
    const mmap = new RwSemaphore(machine, 'mmap_lock');
    runAlone(a, mmap.downRead(a));
    runAlone(b, mmap.downRead(b));
    const writer = mmap.downWrite(c);
    expect(writer.next().done).to.equal(false);
    mmap.upRead(a);
    expect(writer.next().done).to.equal(false);
    mmap.upRead(b);
    expect(writer.next().done).to.equal(true);
    expect(mmap.downRead(a).next().done).to.equal(false);
    mmap.upWrite(c);
    expect(mmap.free).to.equal(true);
  });

  it('is given back by its holders only, and taken only where sleeping is allowed', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const mmap = new RwSemaphore(machine, 'mmap_lock');
    runAlone(a, mmap.downRead(a));
    expect(violationOf(() => mmap.upRead(b))).to.equal('count-imbalance');
    expect(violationOf(() => mmap.upWrite(b))).to.equal('count-imbalance');
    mmap.upRead(a);
    preemptDisable(a);
    expect(violationOf(() => runAlone(a, mmap.downRead(a)))).to.equal('sleep-in-atomic');
    expect(violationOf(() => runAlone(a, mmap.downWrite(a)))).to.equal('sleep-in-atomic');
    expect([mmap.free, mmap.holders]).to.deep.equal([true, []]);
  });

  it('is taken without sleeping if it is free for that, in any context', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const mmap = new RwSemaphore(machine, 'mmap_lock');
    preemptDisable(a);
    expect([mmap.tryDownRead(a), mmap.tryDownWrite(a)]).to.deep.equal([true, false]);
    expect(machine.interrupt('softirq', (irq) => mmap.tryDownWrite(irq))).to.equal(false);
    mmap.upRead(a);
    expect([mmap.tryDownWrite(a), mmap.tryDownRead(a), mmap.tryDownWrite(a)]).to.deep.equal([
      true,
      false,
      false,
    ]);
    preemptEnable(a);
    expect(mmap.tryDownRead(b)).to.equal(false);
    mmap.upWrite(a);
    expect([mmap.free, mmap.holders]).to.deep.equal([true, []]);
  });

  it('lets readers in, and no writer, once the writer has become a reader', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const mmap = new RwSemaphore(machine, 'mmap_lock');
    runAlone(a, mmap.downWrite(a));
    const reader = mmap.downRead(b);
    expect(reader.next().done).to.equal(false);
    expect(violationOf(() => mmap.downgradeWrite(b))).to.equal('count-imbalance');
    mmap.downgradeWrite(a);
    expect([reader.next().done, mmap.tryDownWrite(b)]).to.deep.equal([true, false]);
    mmap.upRead(a);
    mmap.upRead(b);
    expect(mmap.holders).to.deep.equal([]);
  });

  it('has in its state key whether it is held for writing', () => {
    const machine = createMachine();
    const key = (isWriter: boolean): number => {
      const mmap = new RwSemaphore(machine, 'mmap_lock');
      const task = machine.task('a');
      runAlone(task, isWriter ? mmap.downWrite(task) : mmap.downRead(task));
      const hash = new Hash();
      mmap.addTo(hash);
      return hash.value;
    };
    expect(key(true)).to.not.equal(key(false));
    expect(key(true)).to.equal(key(true));
  });

  it('keeps a second writer out', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const mmap = new RwSemaphore(machine, 'mmap_lock');
    expect(mmap.free).to.equal(true);
    runAlone(a, mmap.downWrite(a));
    expect(mmap.free).to.equal(false);
    const second = mmap.downWrite(b);
    expect(second.next().done).to.equal(false);
    mmap.upWrite(a);
    expect([second.next().done, mmap.holders]).to.deep.equal([true, [b]]);
  });
});
