import { expect } from 'chai';
import { createMachine, ViolationError } from 'scatterlist';
import { kmapLocalPage, pageAddress, vmap } from 'scatterlist/machine';

describe('Window', () => {
  it('blames whoever executes, not the owner', () => {
    const machine = createMachine();
    const m = pageAddress(machine.task('owner'), machine.allocPage({ zone: 'lowmem' }))!;
    machine.enter(machine.task('reader', { cpu: 1 }));
    try {
      m.load8(4096);
      expect.fail('not found');
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
      expect(error.violation.context).to.include({ name: 'reader', cpu: 1 });
      expect(error.violation.mapping?.ownerName).to.equal('owner');
    }
  });

  it('knows its address, pages and state', () => {
    const machine = createMachine();
    const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
    const mapped = vmap(machine.task('driver'), pages);
    if (!mapped.ok) throw new Error('no window');
    const m = mapped.value;
    expect(m.vaddr).to.equal(machine.hardware.addresses.vmalloc(0));
    expect([m.length, m.pageAt(0) === m.page, m.pageAt(2 * 4096) === m.page]).to.deep.equal([
      12288,
      true,
      false,
    ]);
    expect(m.describe()).to.include({ slot: 0, mechanism: 'vmap', ownerName: 'driver', lengthBytes: 12288 });
    expect(m.describe().mappedAt?.file).to.match(/window\.spec\.ts$/);
  });

  it('takes the name of a mechanism alone, as it did before mechanisms were values', () => {
    const machine = createMachine();
    const task = machine.task();
    const window = machine.ramWindow(task, machine.allocPage({ zone: 'lowmem' }), 0, 8);
    window.mechanism = 'old';
    window.scope = 'task';
    machine.mapped(window, task);
    expect([window.mechanism, window.describe().mechanism, window.scope]).to.deep.equal([
      'old',
      'old',
      'task',
    ]);
  });

  it('tells its plain bytes under their old name as well', () => {
    const machine = createMachine({ mode: 'direct' });
    const window = pageAddress(machine.task(), machine.allocPage({ zone: 'lowmem' }))! as unknown as Record<
      string,
      number
    >;
    expect([window['plainBytes'], window['reach']]).to.deep.equal([4096, 4096]);
  });

  it('releases itself at the end of a scope, newest first', () => {
    const machine = createMachine();
    const task = machine.task();
    {
      using a = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      using b = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      expect([a.slot, b.slot, machine.liveMappings]).to.deep.equal([0, 1, 2]);
    }
    expect(machine.liveMappings).to.equal(0);
  });
});
