import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { migrateDisable, pagefaultDisable, preemptDisable } from 'scatterlist/machine';
import { checkCounts, disableCounts } from '../../../lib/kernel/core/disable-counts.ts';
import { AS_LINUX, rulesOf } from '../violations.ts';

describe('the counts of what a task has disabled', () => {
  it('are reported if they changed, each with both numbers', () => {
    const machine = createMachine(AS_LINUX);
    const task = machine.task('worker');
    const before = disableCounts(task);
    expect(before).to.deep.equal({ preempt: 0, migrate: 0, pagefault: 0 });
    checkCounts(machine.hardware, task, before);
    expect(rulesOf(machine)).to.deep.equal([]);
    migrateDisable(task);
    pagefaultDisable(task);
    checkCounts(machine.hardware, task, before);
    expect(rulesOf(machine)).to.deep.equal(['count-imbalance']);
    expect(machine.violations[0]?.what).to.equal(
      'task "worker" ended with migrate count 1, not 0; pagefault count 1, not 0',
    );
    checkCounts(machine.hardware, task, disableCounts(task));
    expect(rulesOf(machine)).to.have.length(1);
  });

  it('of preemption are put right behind a softirq, and behind no other context', () => {
    for (const kind of ['softirq', 'hardirq'] as const) {
      const machine = createMachine(AS_LINUX);
      const task = machine.task();
      machine.enter(task);
      machine.interrupt(kind, (irq) => preemptDisable(irq));
      expect(rulesOf(machine)).to.deep.equal(['count-imbalance']);
      expect(task.preemptCount).to.equal(kind === 'softirq' ? 0 : 1);
    }
  });
});
