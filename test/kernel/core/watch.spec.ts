import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { Watch } from '../../../lib/kernel/core/watch.ts';

describe('Watch', () => {
  it('is off on a direct machine, and idle on a checked one that has nothing to check', () => {
    for (const [options, isOff, isIdle] of [
      [{ mode: 'direct' }, true, true],
      [{ mode: 'checked' }, false, true],
      [{ mode: 'direct', trace: true }, false, false],
      [{ mode: 'checked', trace: true }, false, false],
      [{ mode: 'direct', cacheAliasing: true }, false, false],
      [{ mode: 'checked', cacheAliasing: true }, false, false],
      [{ mode: 'checked', trackUninitialised: true }, false, false],
    ] as const) {
      const { watch } = createMachine(options);
      expect([watch.isOff, watch.isIdle], JSON.stringify(options)).to.deep.equal([isOff, isIdle]);
    }
  });

  it('is on while the marked points are watched', () => {
    for (const mode of ['direct', 'checked'] as const) {
      const { hardware, watch } = createMachine({ mode });
      hardware.watchPoints(() => undefined);
      expect([watch.isOff, watch.isIdle]).to.deep.equal([false, false]);
      hardware.watchPoints(undefined);
      expect([watch.isOff, watch.isIdle]).to.deep.equal([mode === 'direct', true]);
    }
  });

  it('is on while an array over spread pages is out', () => {
    const { hardware, watch } = createMachine({ mode: 'direct' });
    const array = { sync: () => undefined } as never;
    hardware.spreadArrays.add(array);
    expect([watch.isOff, watch.isIdle]).to.deep.equal([false, false]);
    hardware.spreadArrays.delete(array);
    expect([watch.isOff, watch.isIdle]).to.deep.equal([true, true]);
  });

  it('is not idle while an array over a mapping could be written to', () => {
    const machine = createMachine();
    const task = machine.task();
    const window = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    expect(window.bytes).to.have.length(machine.pageSize);
    expect(machine.watch.isIdle).to.equal(false);
    kunmapLocal(task, window);
  });

  it('tells the machine, which goes by the guard that is set', () => {
    const machine = createMachine();
    const { guard, watch } = machine;
    expect(watch.guard).to.equal(guard);
    machine.guard = undefined;
    expect([watch.guard, watch.isOff, machine.guard]).to.deep.equal([undefined, true, undefined]);
    watch.guard = guard;
    expect([machine.guard, watch.isOff]).to.deep.equal([guard, false]);
  });

  it('calls whom it tells only when something changes, and not while it is made', () => {
    const { hardware } = createMachine({ mode: 'direct' });
    let calls = 0;
    const watch = new Watch(hardware, () => (calls += 1));
    expect([watch.isOff, calls]).to.deep.equal([true, 0]);
    hardware.watchPoints(() => undefined);
    watch.guard = undefined;
    expect([watch.isOff, calls]).to.deep.equal([false, 2]);
  });

  it('is read under its old names as well', () => {
    const machine = createMachine();
    const { isUnwatched, isUnseen } = machine as unknown as Record<string, boolean>;
    expect([isUnwatched, isUnseen]).to.deep.equal([machine.watch.isOff, machine.watch.isIdle]);
  });
});
