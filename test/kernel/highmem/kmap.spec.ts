import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmap, kmapFlushUnused, kmapHighGet, kunmap, kunmapHigh, runAlone } from 'scatterlist/machine';
import { tryMapPool } from '../../../lib/kernel/highmem/kmap.ts';
import { rulesOf, violationOf } from '../violations.ts';

describe('kmap', () => {
  it('gives one address to all users of a page, on every CPU', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const page = machine.allocPage({ zone: 'highmem' });
    const [m, n] = [runAlone(a, kmap(a, page)), runAlone(b, kmap(b, page))];
    m.store8(0, 4);
    expect([n.vaddr === m.vaddr, n.load8(0), machine.pkmap.count(m.slot)]).to.deep.equal([true, 4, 3]);
    kunmap(b, m);
    kunmap(a, n);
    expect([machine.pkmap.count(m.slot), machine.liveMappings]).to.deep.equal([1, 0]);
  });

  it('needs no slot for a page with an address', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'lowmem' });
    const m = runAlone(task, kmap(task, page));
    expect([m.slot, m.vaddr]).to.deep.equal([-1, 0xc000_0000 + page.pfn * 4096]);
    kunmap(task, page);
    expect([machine.ledger.lockAcquisitions, machine.liveMappings]).to.deep.equal([0, 0]);
  });

  it('sleeps for a slot until kunmap wakes it, and says so', () => {
    const machine = createMachine({ pkmapSlots: 1, trace: true });
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const [p, q] = machine.allocPages(2, { zone: 'highmem' });
    const m = runAlone(a, kmap(a, p!));
    expect(tryMapPool(b, q!, 0, 4096)).to.equal(undefined);
    const waiting = kmap(b, q!);
    expect(waiting.next().value).to.deep.equal({ sleepOn: machine.pkmap.waitQueue(q!) });
    expect(b.asleepOn?.name).to.equal('kmap pool');
    kunmap(a, m);
    expect(b.asleepOn).to.equal(undefined);
    expect(runAlone(b, waiting).page).to.equal(q);
    const told = machine.events.filter(({ event }) => event === 'sleep' || event === 'wake');
    expect(told).to.deep.equal([
      { event: 'sleep', by: { name: 'b', cpu: 1 }, on: 'kmap pool' },
      { event: 'wake', by: { name: 'a', cpu: 0 }, on: 'kmap pool' },
    ]);
    expect(machine.ledger.lockWaits).to.equal(1);
  });

  it('is released by page as in Linux, newest window first', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const [m, n] = [runAlone(task, kmap(task, page)), runAlone(task, kmap(task, page))];
    kunmap(task, page);
    expect([m.live, n.live]).to.deep.equal([true, false]);
    kunmap(task, page);
    expect([m.live, violationOf(() => kunmap(task, page))]).to.deep.equal([false, 'kunmap-underflow']);
  });

  it('is lent to whoever finds the page mapped, and released from any context', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    expect(kmapHighGet(task, page)).to.equal(undefined);
    const m = runAlone(task, kmap(task, page));
    machine.interrupt('softirq', (irq) => {
      const lent = kmapHighGet(irq, page)!;
      expect([lent.vaddr === m.vaddr, machine.pkmap.count(m.slot)]).to.deep.equal([true, 3]);
      kunmapHigh(irq, lent);
    });
    expect(machine.pkmap.count(m.slot)).to.equal(2);
  });

  it('is left alone by interrupts where the lock of the pool keeps none out', () => {
    for (const kind of ['hardirq', 'softirq', 'nmi'] as const) {
      const machine = createMachine({ onViolation: 'record' });
      const task = machine.task();
      const page = machine.allocPage({ zone: 'highmem' });
      const m = runAlone(task, kmap(task, page));
      machine.interrupt(kind, (irq) => {
        kunmapHigh(irq, m);
      });
      expect(rulesOf(machine)).to.deep.equal(['pool-lock-in-interrupt']);
    }
  });

  it('recycles unused slots when told', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    kunmap(task, runAlone(task, kmap(task, page)));
    expect(machine.pkmap.slotOf(page)).to.be.greaterThan(-1);
    kmapFlushUnused(task);
    expect([machine.pkmap.slotOf(page), machine.ledger.flushesGlobal]).to.deep.equal([-1, 1]);
  });
});
