import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import {
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  localIrqRestore,
  localIrqSave,
} from 'scatterlist/explore';
import { violationOf } from './violations.ts';

describe('interrupts and bottom halves of a CPU', () => {
  const task = createMachine().task();

  it('are off between disable and enable', () => {
    localIrqDisable(task);
    expect(task.cpu.irqsDisabled).to.equal(true);
    localIrqEnable(task);
    expect(task.cpu.irqsDisabled).to.equal(false);
    localBhDisable(task);
    expect(task.cpu.softirqDepth).to.equal(1);
    localBhEnable(task);
    expect(task.cpu.softirqDepth).to.equal(0);
  });

  it('come back as they were with save and restore, nested', () => {
    const outer = localIrqSave(task);
    const inner = localIrqSave(task);
    localIrqRestore(task, inner);
    expect(task.cpu.irqsDisabled).to.equal(true);
    localIrqRestore(task, outer);
    expect(task.cpu.irqsDisabled).to.equal(false);
  });

  it('are not enabled more often than disabled', () => {
    expect(
      violationOf(() => {
        localBhEnable(task);
      }),
    ).to.equal('count-imbalance');
  });
});
