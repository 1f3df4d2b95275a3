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
import { violationOf } from '../violations.ts';

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

  it('run in the context that is given, and show in the trace', () => {
    const machine = createMachine({ trace: true });
    const [own, other] = [machine.task('own', { cpu: 1 }), machine.task('other')];
    const calls = [
      localIrqDisable,
      localIrqEnable,
      localBhDisable,
      localBhEnable,
      (context: typeof own) => {
        localIrqRestore(context, localIrqSave(context));
      },
    ];
    for (const call of calls) {
      machine.enter(other);
      call(own);
      expect(machine.executing).to.equal(own);
    }
    const seen = machine.events.flatMap((event) =>
      event.event === 'acquire' || event.event === 'release' ? [`${event.event} ${event.lock}`] : [],
    );
    const pair = ['acquire irqs of cpu1', 'release irqs of cpu1'];
    expect(seen).to.deep.equal([...pair, ...pair]);
    expect([own.cpu.irqsDisabled, other.cpu.irqsDisabled]).to.deep.equal([false, false]);
  });

  it('stay enabled where a recording machine goes on after an enable too many', () => {
    const recording = createMachine({ onViolation: 'record' }).task();
    localBhEnable(recording);
    expect(recording.cpu.softirqDepth).to.equal(0);
    expect(recording.machine.violations.length).to.equal(1);
  });
});
