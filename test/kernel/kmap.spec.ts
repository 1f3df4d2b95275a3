import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import { kmap, kmapFlushUnused, kmapHighGet, kunmap, kunmapHigh, preemptDisable } from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';
import { tryMapPool } from '../../lib/kernel/kmap.ts';
import { violationOf } from './violations.ts';

interface Bench {
  readonly machine: Machine;
  readonly task: Task;
  readonly low: Page;
  readonly high: readonly Page[];
}

function bench(options: MachineOptions = {}): Bench {
  const machine = createMachine({ lowmemPages: 16, highmemPages: 64, pkmapSlots: 2, ...options });
  const high = machine.allocPages(4, { zone: 'highmem' });
  return { machine, task: machine.task(), low: machine.allocPage({ zone: 'lowmem' }), high };
}

function first(pages: readonly Page[]): Page {
  const [page] = pages;
  if (page === undefined) throw new Error('no page');
  return page;
}

describe('kmap', () => {
  it('gives a lowmem page its permanent address and takes no slot', () => {
    const { machine, task, low } = bench();
    const m = runAlone(task, kmap(task, low));
    expect([m.slot, m.vaddr]).to.deep.equal([-1, machine.hardware.addresses.direct(low.pfn)]);
    kunmap(task, m);
    expect(machine.pkmap.slotsInUse).to.equal(0);
    machine.checkLeaks();
  });

  it('gives every user of a page the same address', () => {
    const { machine, task, high } = bench();
    const other = machine.task('other');
    const [one, two] = [runAlone(task, kmap(task, first(high))), runAlone(other, kmap(other, first(high)))];
    expect(one.vaddr).to.equal(two.vaddr);
    // Released by whoever, in any order.
    kunmap(other, one);
    kunmap(task, two);
    machine.checkLeaks();
  });

  it('sleeps while the pool is full, and goes on when a slot is free', () => {
    const { machine, task, high } = bench();
    const [held] = high.slice(0, 2).map((page) => runAlone(task, kmap(task, page)));
    if (held === undefined) throw new Error('no map');
    const waiter = machine.task('waiter');
    const work = kmap(waiter, high[2] as Page);
    expect(work.next().done).to.equal(false);
    expect(waiter.asleepOn?.name).to.equal('kmap pool');
    expect(machine.ledger.lockWaits).to.equal(1);
    kunmap(task, held);
    expect(waiter.asleepOn).to.equal(undefined);
    const step = work.next();
    expect(step.done === true && step.value.page).to.equal(high[2]);
  });

  it('is a deadlock for one who sleeps alone', () => {
    const { task, high } = bench();
    for (const page of high.slice(0, 2)) runAlone(task, kmap(task, page));
    expect(violationOf(() => runAlone(task, kmap(task, high[2] as Page)))).to.equal('deadlock');
  });

  it('is refused where nothing may sleep, lowmem pages included', () => {
    const { task, low } = bench();
    preemptDisable(task);
    expect(violationOf(() => runAlone(task, kmap(task, low)))).to.equal('kmap-in-atomic');
  });

  it('can be tried without waiting', () => {
    const { machine, task, high } = bench();
    const windows = high.map((page) => tryMapPool(task, page, 0, 16));
    expect(windows.map((m) => m?.slot)).to.deep.equal([1, 0, undefined, undefined]);
    expect(machine.liveMappings).to.equal(2);
  });
});

describe('kunmap', () => {
  it('takes a page, as in Linux, and releases its newest map', () => {
    const { task, high } = bench();
    const [one, two] = [1, 2].map(() => runAlone(task, kmap(task, first(high))));
    kunmap(task, first(high));
    expect([one?.live, two?.live]).to.deep.equal([true, false]);
  });

  it('of a released map is found', () => {
    const { task, high } = bench();
    const m = runAlone(task, kmap(task, first(high)));
    kunmap(task, m);
    expect(violationOf(() => kunmap(task, m))).to.equal('double-unmap');
  });
});

describe('kmapHighGet', () => {
  it('takes one more use of a slot, from any context, and gives it back there', () => {
    const { machine, task, high } = bench();
    const m = runAlone(task, kmap(task, first(high)));
    machine.interrupt('softirq', (irq) => {
      const pinned = kmapHighGet(irq, first(high));
      if (pinned === undefined) throw new Error('not pinned');
      expect([pinned.vaddr, machine.pkmap.count(m.slot)]).to.deep.equal([m.vaddr, 3]);
      kunmapHigh(irq, pinned);
    });
    expect(machine.pkmap.count(m.slot)).to.equal(2);
  });

  it('is given back by `using` where nothing may sleep', () => {
    const { machine, task, high } = bench();
    const m = runAlone(task, kmap(task, first(high)));
    preemptDisable(task);
    {
      using pinned = kmapHighGet(task, first(high));
      expect(pinned?.live).to.equal(true);
    }
    expect(machine.pkmap.count(m.slot)).to.equal(2);
  });

  it('answers nothing for a page without a slot', () => {
    const { task, high, low } = bench();
    expect([kmapHighGet(task, first(high)), kmapHighGet(task, low)]).to.deep.equal([undefined, undefined]);
  });
});

describe('kmapFlushUnused', () => {
  it('frees the slots that nobody uses', () => {
    const { machine, task, high } = bench();
    kunmap(task, runAlone(task, kmap(task, first(high))));
    expect(machine.pkmap.slotOf(first(high))).to.equal(1);
    kmapFlushUnused(task);
    expect(machine.pkmap.slotOf(first(high))).to.equal(-1);
  });
});
