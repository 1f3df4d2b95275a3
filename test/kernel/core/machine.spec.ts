import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import {
  inAtomic,
  inInterrupt,
  kmapLocalPage,
  kunmapLocal,
  migrateDisable,
  migrateEnable,
  pageAddress,
  preemptDisable,
} from 'scatterlist/machine';
import { AS_LINUX, rulesOf, violationOf } from '../violations.ts';

describe('Machine', () => {
  it('names tasks in order and starts them on the CPU asked for', () => {
    const machine = createMachine({ cpus: 2 });
    const [a, b] = [machine.task(), machine.task('copier', { cpu: 1 })];
    expect([a.id, a.name, a.cpu.id, b.id, b.name, b.cpu.id]).to.deep.equal([0, 'task0', 0, 1, 'copier', 1]);
    expect(machine.tasks).to.deep.equal([a, b]);
    expect(() => machine.task('x', { cpu: 2 })).to.throw(ConfigError, 'no cpu 2: this machine has 2');
    expect(() => machine.running(b.cpu.id)).not.to.throw();
  });

  it('begins on the idle task of CPU 0', () => {
    const machine = createMachine();
    expect([machine.executing.name, machine.executing.kind]).to.deep.equal(['swapper/0', 'task']);
    expect(machine.tasks).to.deep.equal([]);
  });

  describe('switching', () => {
    it('happens when a task on the same CPU does something, and counts once', () => {
      const machine = createMachine({ trace: true });
      const [a, b] = [machine.task('a'), machine.task('b')];
      for (const task of [a, a, b, a]) machine.enter(task);
      expect(machine.ledger.contextSwitches).to.equal(3);
      expect(machine.events.filter(({ event }) => event === 'switch')).to.deep.equal([
        { event: 'switch', cpu: 0, from: 'swapper/0', to: 'a' },
        { event: 'switch', cpu: 0, from: 'a', to: 'b' },
        { event: 'switch', cpu: 0, from: 'b', to: 'a' },
      ]);
    });

    it('is not needed between CPUs', () => {
      const machine = createMachine();
      const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
      for (const task of [a, b, a, b]) machine.enter(task);
      expect(machine.ledger.contextSwitches).to.equal(2);
    });

    it('clears the slots of the one and restores those of the other', () => {
      const machine = createMachine();
      const [a, b] = [machine.task('a'), machine.task('b')];
      const [p, q] = machine.allocPages(2, { zone: 'highmem' });
      const { local } = machine.hardware.pageTable;
      kmapLocalPage(a, p!);
      expect(local.get(0)).to.equal(p!.pfn);
      machine.enter(b);
      expect(local.get(0)).to.equal(-1);
      kmapLocalPage(b, q!);
      machine.enter(a);
      expect(local.get(0)).to.equal(p!.pfn);
    });

    it('is refused for a task that has exited, and under an interrupt', () => {
      const machine = createMachine();
      const task = machine.task('gone');
      task.exit();
      expect(() => machine.enter(task)).to.throw(ConfigError, 'task "gone" has exited');
      expect(() => task.exit()).to.throw(ConfigError, 'exited already');
      machine.irqEnter('hardirq', 'timer');
      expect(() => machine.enter(machine.task('late'))).to.throw(ConfigError, 'cpu0 is in hardirq "timer"');
    });
  });

  describe('migration', () => {
    it('leaves the CPU to its idle task', () => {
      const machine = createMachine();
      const task = machine.task('mover');
      machine.enter(task);
      machine.migrate(task, 1);
      expect([task.cpu.id, machine.executing.name]).to.deep.equal([1, 'swapper/0']);
      machine.enter(task);
      expect(machine.running(task.cpu.id)).to.equal(task);
    });

    it('waits for each migrate_enable and for each local map that has a slot', () => {
      const machine = createMachine();
      const task = machine.task('mapper');
      const [p, q] = machine.allocPages(2, { zone: 'highmem' });
      const counts: number[] = [];
      const count = (): void => void counts.push(task.migrateDisabled);
      const outer = kmapLocalPage(task, p!);
      count();
      migrateDisable(task);
      count();
      const inner = kmapLocalPage(task, q!);
      count();
      migrateDisable(task);
      count();
      kunmapLocal(task, inner);
      kunmapLocal(task, outer);
      count();
      migrateEnable(task);
      count();
      expect(() => machine.migrate(task, 1)).to.throw(ConfigError, 'migrate_disable count is 1');
      migrateEnable(task);
      count();
      expect(counts).to.deep.equal([1, 2, 3, 4, 2, 1, 0]);
      machine.migrate(task, 1);
      expect(task.cpu.id).to.equal(1);
    });

    it('is refused where the scheduler could not do it, and then changes nothing', () => {
      const machine = createMachine();
      const pinned = machine.task('pinned');
      migrateDisable(pinned);
      expect(() => machine.migrate(pinned, 1)).to.throw(ConfigError, 'migrate_disable count is 1');
      const atomic = machine.task('atomic');
      preemptDisable(atomic);
      expect(() => machine.migrate(atomic, 1)).to.throw(ConfigError, 'preempt_disable count is 1');
      const other = machine.task('other', { cpu: 1 });
      machine.enter(other);
      expect(() => machine.migrate(other, 5)).to.throw(ConfigError, 'no cpu 5');
      machine.interrupt(
        'softirq',
        () => expect(() => machine.migrate(other, 0)).to.throw(ConfigError, 'softirq "softirq" runs on top'),
        { cpu: 1 },
      );
      expect([atomic.cpu.id, other.cpu.id, machine.running(other.cpu.id) === other]).to.deep.equal([
        0,
        1,
        true,
      ]);
    });
  });

  it('makes a copy of a task on the same CPU, with counts of its own and no maps', () => {
    const machine = createMachine(AS_LINUX);
    const parent = machine.task('parent', { cpu: 1 });
    migrateDisable(parent);
    const child = machine.fork(parent, 'child');
    expect([child.name, child.cpu.id, child.migrateDisabled, parent.migrateDisabled]).to.deep.equal([
      'child',
      1,
      0,
      1,
    ]);
    expect(machine.tasks).to.deep.equal([parent, child]);
    expect(rulesOf(machine)).to.deep.equal([]);
    kmapLocalPage(parent, machine.allocPage({ zone: 'highmem' }));
    expect(machine.fork(parent, 'second').localMaps.idx).to.equal(0);
    expect(rulesOf(machine)).to.deep.equal(['fork-with-maps']);
  });

  describe('interrupts', () => {
    it('nest as the hardware lets them', () => {
      const machine = createMachine();
      const seen: string[] = [];
      machine.interrupt('softirq', () => {
        machine.interrupt('hardirq', (irq) => {
          expect(irq.cpu.irqsDisabled).to.equal(true);
          expect(() => machine.irqEnter('hardirq', 'second')).to.throw(
            ConfigError,
            'interrupts are disabled',
          );
          expect(() => machine.irqEnter('softirq', 'below')).to.throw(ConfigError, 'cannot run');
          machine.interrupt('nmi', ({ name, task }) => seen.push(name, task.name));
          expect(irq.cpu.irqsDisabled).to.equal(true);
        });
        expect(machine.hardware.cpu(0).irqsDisabled).to.equal(false);
      });
      expect(seen).to.deep.equal(['nmi', 'swapper/0']);
    });

    for (const kind of ['softirq', 'hardirq', 'nmi'] as const)
      it(`are as atomic the third time as the first, ${kind}`, () => {
        const machine = createMachine();
        const task = machine.task();
        for (let i = 0; i < 3; i += 1) {
          const inside = machine.interrupt(kind, (irq) => [inAtomic(irq), inInterrupt(irq)]);
          expect([...inside, inAtomic(task), inInterrupt(task)]).to.deep.equal([true, true, false, false]);
        }
        // Inside another one, where the count does not return to 0.
        const afterInner = machine.interrupt('hardirq', (outer) => {
          for (let i = 0; i < 2; i += 1) machine.interrupt('nmi', () => undefined);
          return [inAtomic(outer), outer.cpu.hardirqDepth, outer.cpu.nmiDepth];
        });
        expect(afterInner).to.deep.equal([true, 1, 0]);
      });

    it('an NMI keeps every other interrupt out', () => {
      const machine = createMachine();
      machine.interrupt('nmi', () => {
        expect(() => machine.irqEnter('hardirq', 'h')).to.throw(ConfigError);
        expect(() => machine.irqEnter('softirq', 's')).to.throw(ConfigError);
      });
      expect(machine.hardware.cpu(0).irqsDisabled).to.equal(false);
      machine.hardware.cpu(0).irqsDisabled = true;
      expect(() => machine.irqEnter('softirq', 's')).to.throw(ConfigError);
    });

    it('push on top of the interrupted task’s slots and leave them as they were', () => {
      const machine = createMachine();
      const task = machine.task('low');
      const [p, q] = machine.allocPages(2, { zone: 'highmem' });
      const m = kmapLocalPage(task, p!);
      m.store8(0, 1);
      machine.interrupt('hardirq', (irq) => {
        const n = kmapLocalPage(irq, q!);
        expect([irq.task, n.slot]).to.deep.equal([task, 1]);
        kunmapLocal(irq, n);
      });
      expect([m.load8(0), task.localMaps.idx]).to.deep.equal([1, 1]);
    });

    it('return to whatever the other CPU runs by then', () => {
      const machine = createMachine();
      const [a, b] = [machine.task('a'), machine.task('b')];
      machine.enter(a);
      machine.interrupt('softirq', () => machine.enter(b), { cpu: 1 });
      expect(machine.executing).to.equal(b);
      machine.enter(a);
      expect(machine.running(a.cpu.id)).to.equal(a);
    });

    it('are over even when the handler throws, and report that error, not the leak behind it', () => {
      const machine = createMachine();
      const page = machine.allocPage({ zone: 'highmem' });
      const fail = (): void =>
        machine.interrupt('softirq', (irq) => {
          kmapLocalPage(irq, page);
          throw new RangeError('mine');
        });
      expect(fail).to.throw(RangeError, 'mine');
      expect(machine.hardware.cpu(0).softirqDepth).to.equal(0);
      expect(machine.executing.kind).to.equal('task');
    });

    it('may hand out a window that everybody may use', () => {
      const machine = createMachine();
      const page = machine.allocPage({ zone: 'lowmem' });
      const m = machine.interrupt('softirq', (irq) => pageAddress(irq, page));
      expect(m?.live).to.equal(true);
    });

    it('are left in order only', () => {
      const machine = createMachine();
      const outer = machine.irqEnter('softirq', 'outer');
      const inner = machine.irqEnter('hardirq', 'inner');
      expect(() => machine.irqExit(outer)).to.throw(ConfigError, 'not on top');
      machine.irqExit(inner);
      machine.irqExit(outer);
      expect(() => kmapLocalPage(outer, machine.allocPage({ zone: 'lowmem' }))).to.throw(
        ConfigError,
        'not running',
      );
    });
  });

  it('records and goes on: the exit of a task that leaks', () => {
    const machine = createMachine(AS_LINUX);
    const task = machine.task();
    kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    task.exit();
    // The map that leaked keeps migration disabled.
    expect(rulesOf(machine)).to.deep.equal(['leak', 'count-imbalance']);
    expect([task.exited, machine.hardware.pageTable.local.get(0)]).to.deep.equal([true, -1]);
  });

  it('leaves an exit that was refused undone', () => {
    const machine = createMachine();
    const task = machine.task();
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    expect(violationOf(() => task.exit())).to.equal('leak');
    expect(task.exited).to.equal(false);
    kunmapLocal(task, m);
    task.exit();
  });
});
