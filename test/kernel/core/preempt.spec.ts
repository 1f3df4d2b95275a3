import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import {
  inAtomic,
  inInterrupt,
  maySleep,
  mightSleep,
  migrateDisable,
  migrateEnable,
  pagefaultDisable,
  pagefaultEnable,
  preemptDisable,
  preemptEnable,
} from 'scatterlist/machine';
import type { Context } from 'scatterlist/machine';
import { rulesOf, violationOf } from '../violations.ts';

const answers = (context: Context): readonly boolean[] => [
  inAtomic(context),
  inInterrupt(context),
  maySleep(context),
];

describe('preemption, migration and page faults', () => {
  it('are counted, each for itself', () => {
    const task = createMachine().task();
    const counts = (): number[] => [task.preemptCount, task.migrateDisabled, task.pagefaultDisabled];
    preemptDisable(task);
    migrateDisable(task);
    migrateDisable(task);
    for (let i = 0; i < 3; i += 1) pagefaultDisable(task);
    expect(counts()).to.deep.equal([1, 2, 3]);
    preemptEnable(task);
    migrateEnable(task);
    pagefaultEnable(task);
    expect(counts()).to.deep.equal([0, 1, 2]);
  });

  it('answer where one may sleep', () => {
    const machine = createMachine();
    const task = machine.task();
    expect(answers(task)).to.deep.equal([false, false, true]);
    migrateDisable(task);
    pagefaultDisable(task);
    expect(answers(task)).to.deep.equal([false, false, true]);
    preemptDisable(task);
    expect(answers(task)).to.deep.equal([true, false, false]);
    preemptEnable(task);
    for (const kind of ['softirq', 'hardirq', 'nmi'] as const)
      machine.interrupt(kind, (irq) => expect(answers(irq)).to.deep.equal([true, true, false]));
    machine.hardware.cpu(0).irqsDisabled = true;
    expect(answers(task)).to.deep.equal([false, false, false]);
  });

  it('make mightSleep complain exactly there', () => {
    const machine = createMachine();
    const task = machine.task();
    expect(violationOf(() => mightSleep(task))).to.equal('none');
    preemptDisable(task);
    expect(violationOf(() => mightSleep(task))).to.equal('sleep-in-atomic');
    expect(violationOf(() => mightSleep(task, 'kmap', 'kmap-in-atomic'))).to.equal('kmap-in-atomic');
  });

  it('leave the count alone where an enable is refused', () => {
    const task = createMachine().task();
    expect(violationOf(() => preemptEnable(task))).to.equal('count-imbalance');
    expect(violationOf(() => pagefaultEnable(task))).to.equal('count-imbalance');
    expect([task.preemptCount, task.pagefaultDisabled]).to.deep.equal([0, 0]);
  });

  it('run in the context that is given', () => {
    for (const calls of [
      [preemptDisable, preemptEnable],
      [migrateDisable, migrateEnable],
      [pagefaultDisable, pagefaultEnable],
      [mightSleep],
    ]) {
      const machine = createMachine();
      const [task, other] = [machine.task('task'), machine.task('other', { cpu: 1 })];
      for (const call of calls) {
        machine.enter(other);
        call(task);
        expect(machine.executing).to.equal(task);
      }
    }
  });

  it('stay at none where a recording machine goes on after an enable too many', () => {
    const task = createMachine({ onViolation: 'record' }).task();
    preemptEnable(task);
    migrateEnable(task);
    expect([task.preemptCount, task.migrateDisabled]).to.deep.equal([0, 0]);
    expect(rulesOf(task.machine)).to.deep.equal(['count-imbalance', 'count-imbalance']);
    expect(task.machine.violations[1]?.what).to.contain('migrate_enable');
  });
});
