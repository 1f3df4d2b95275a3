import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine, pfn, runAlone, virtAddr } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import {
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kmapLocalPageTryFromPanic,
  kmapLocalPfn,
  kunmap,
  kunmapLocal,
} from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';
import { AS_LINUX, rulesOf, violationOf } from '../violations.ts';

interface Fixture {
  readonly machine: Machine;
  readonly task: Task;
  readonly low: Page;
  readonly high: Page;
  readonly other: Page;
}

function setUp(options: MachineOptions = {}): Fixture {
  const machine = createMachine({ lowmemPages: 16, highmemPages: 64, ...options });
  const [low] = machine.allocPages(1, { zone: 'lowmem' });
  const [high, other] = machine.allocPages(2, { zone: 'highmem' });
  if (low === undefined || high === undefined || other === undefined) throw new Error('no pages');
  return { machine, task: machine.task(), low, high, other };
}

function counts(task: Task): readonly number[] {
  return [task.localMaps.idx, task.migrateDisabled, task.preemptCount, task.pagefaultDisabled];
}

describe('kmap_local_page', () => {
  it('takes a slot for a highmem page and pins the task, and gives both back', () => {
    const { task, high } = setUp();
    const m = kmapLocalPage(task, high);
    expect([m.slot, ...counts(task)]).to.deep.equal([0, 1, 1, 0, 0]);
    kunmapLocal(task, m);
    expect(counts(task)).to.deep.equal([0, 0, 0, 0]);
  });

  it('needs nothing for a lowmem page: its address is the permanent one', () => {
    const { machine, task, low } = setUp();
    const m = kmapLocalPage(task, low);
    expect([m.slot, ...counts(task)]).to.deep.equal([-1, 0, 0, 0, 0]);
    expect(m.vaddr).to.equal(machine.hardware.addresses.direct(low.pfn));
    kunmapLocal(task, m);
  });

  it('needs nothing for any page without CONFIG_HIGHMEM', () => {
    const { task, high } = setUp({ highmem: false });
    const m = kmapLocalPage(task, high);
    expect(counts(task)).to.deep.equal([0, 0, 0, 0]);
    kunmapLocal(task, m);
  });

  it('takes a slot for lowmem too with forced maps', () => {
    const { task, low } = setUp({ forceMap: true });
    const m = kmapLocalPage(task, low);
    expect([m.slot, task.localMaps.idx]).to.deep.equal([1, 2]);
    kunmapLocal(task, m);
  });

  it('shares a live kmap of the page where the architecture asks for that', () => {
    const { machine, task, high } = setUp({ kmapHighGet: true });
    const shared = runAlone(task, kmap(task, high));
    const m = kmapLocalPage(task, high);
    expect([m.vaddr, machine.pkmap.count(shared.slot), task.localMaps.idx]).to.deep.equal([
      shared.vaddr,
      3,
      0,
    ]);
    kunmapLocal(task, m);
    kunmap(task, shared);
    expect(machine.pkmap.count(shared.slot)).to.equal(1);
  });

  it('shares a live kmap in whichever slot of the pool it is, the first one too', () => {
    const { machine, task } = setUp({ kmapHighGet: true, pkmapSlots: 4, highmemPages: 16 });
    const pages = machine.allocPages(4, { zone: 'highmem' });
    const pooled = pages.map((page) => runAlone(task, kmap(task, page)));
    expect(pooled.map(({ slot }) => slot).toSorted((a, b) => a - b)).to.deep.equal([0, 1, 2, 3]);
    for (const [i, page] of pages.entries()) {
      const m = kmapLocalPage(task, page);
      expect([m.area, m.slot, m.vaddr, task.localMaps.idx]).to.deep.equal([
        'pkmap',
        pooled[i]?.slot,
        pooled[i]?.vaddr,
        0,
      ]);
      kunmapLocal(task, m);
    }
  });

  it('maps a frame in a slot whatever its address', () => {
    const { task, low } = setUp();
    const m = kmapLocalPfn(task, pfn(low.pfn));
    expect([m.slot, m.page]).to.deep.equal([0, low]);
    kunmapLocal(task, m);
  });

  it('is released by `using` in reverse order', () => {
    const { machine, task, high, other } = setUp();
    {
      using first = kmapLocalPage(task, high);
      using second = kmapLocalPage(task, other);
      first.store8(0, 1);
      second.store8(0, first.load8(0) + 1);
    }
    expect(machine.physical(other)[0]).to.equal(2);
    machine.checkLeaks();
  });

  it('nests to any depth in any valid order, and every counter comes back', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 80 }), (opens) => {
        const { machine, task, high, low } = setUp();
        const held = [];
        for (const [i, open] of opens.entries()) {
          const top = held.at(-1);
          if (open && held.length < 15) held.push(kmapLocalPage(task, i % 3 === 0 ? low : high));
          else if (top !== undefined) {
            kunmapLocal(task, top);
            held.pop();
          }
          expect(task.localMaps.idx).to.equal(held.filter((m) => m.slot >= 0).length);
        }
        for (const m of held.reverse()) kunmapLocal(task, m);
        expect(counts(task)).to.deep.equal([0, 0, 0, 0]);
        machine.checkLeaks();
      }),
      { numRuns: 50 },
    );
  });
});

describe('kunmap_local by address', () => {
  it('ends a map without a slot on a direct machine, too', () => {
    const machine = createMachine({ mode: 'direct', highmem: false });
    const task = machine.task();
    const [first, second] = machine.allocPages(2, { zone: 'highmem' });
    const kept = kmapLocalPage(task, first!);
    const m = kmapLocalPage(task, second!);
    kunmapLocal(task, virtAddr(m.vaddr + 5));
    expect([machine.liveMappings, kept.live, m.live]).to.deep.equal([1, true, false]);
    kunmapLocal(task, kept);
    machine.checkLeaks();
  });

  for (const semantics of ['strict', 'compatible'] as const) {
    it(`${semantics}: takes any address inside the page`, () => {
      const { machine, task, high } = setUp({ semantics });
      const m = kmapLocalPage(task, high);
      kunmapLocal(task, virtAddr(m.vaddr + machine.pageSize - 1));
      expect([m.live, task.localMaps.idx]).to.deep.equal([false, 0]);
      machine.checkLeaks();
    });

    it(`${semantics}: reports a user-space address`, () => {
      const { task } = setUp({ semantics });
      expect(violationOf(() => kunmapLocal(task, virtAddr(0x1000)))).to.equal('unmap-address');
    });
  }

  describe('one past the page', () => {
    it('strict: is reported, with the map that was probably meant', () => {
      const { machine, task, high } = setUp({ onViolation: 'record' });
      const m = kmapLocalPage(task, high);
      kunmapLocal(task, virtAddr(m.vaddr + machine.pageSize));
      expect(machine.violations[0]).to.deep.include({ rule: 'unmap-address' });
      expect(machine.violations[0]?.mapping?.pfn).to.equal(high.pfn);
    });

    it('compatible: releases nothing and says nothing', () => {
      const { machine, task, high } = setUp(AS_LINUX);
      const m = kmapLocalPage(task, high);
      kunmapLocal(task, virtAddr(m.vaddr + machine.pageSize));
      expect([rulesOf(machine), task.localMaps.idx]).to.deep.equal([[], 1]);
    });
  });

  describe('of a direct-map address that nobody mapped', () => {
    it('strict: is reported', () => {
      const { machine, task, low } = setUp();
      const address = machine.hardware.addresses.direct(low.pfn);
      expect(violationOf(() => kunmapLocal(task, address))).to.equal('unmap-address');
    });

    it('compatible: is nothing, as on any lowmem page', () => {
      const { machine, task, low } = setUp(AS_LINUX);
      kunmapLocal(task, machine.hardware.addresses.direct(low.pfn));
      expect(rulesOf(machine)).to.deep.equal([]);
    });

    it('compatible: warns with forced maps, where every local map lies in the fixmap', () => {
      const { machine, task, low } = setUp({ ...AS_LINUX, forceMap: true });
      kunmapLocal(task, machine.hardware.addresses.direct(low.pfn));
      expect(rulesOf(machine)).to.deep.equal(['unmap-address']);
    });
  });
});

describe('releases in the wrong order', () => {
  it('strict: highmem, refused with both maps in place, and shown', () => {
    const { machine, task, high, other } = setUp({ onViolation: 'throw' });
    const [first, second] = [kmapLocalPage(task, high), kmapLocalPage(task, other)];
    expect(() => kunmapLocal(task, first)).to.throw(/unmap-order[^]*but top is[^]*last mapped/);
    expect([first.live, second.live, task.localMaps.idx]).to.deep.equal([true, true, 2]);
    kunmapLocal(task, second);
    kunmapLocal(task, first);
    machine.checkLeaks();
  });

  it('strict: lowmem too, where Linux has nothing to pop and sees nothing', () => {
    const { task, low, high } = setUp();
    const first = kmapLocalPage(task, low);
    kmapLocalPage(task, high);
    expect(violationOf(() => kunmapLocal(task, first))).to.equal('unmap-order');
  });

  it('compatible: lowmem, silent', () => {
    const { machine, task, low, high } = setUp(AS_LINUX);
    const first = kmapLocalPage(task, low);
    kmapLocalPage(task, high);
    kunmapLocal(task, first);
    expect(rulesOf(machine)).to.deep.equal([]);
  });

  it('is reported once where a strict machine records', () => {
    const machine = createMachine({ onViolation: 'record' });
    const task = machine.task('driver');
    const [a, b] = machine.allocPages(2, { zone: 'highmem' });
    const first = kmapLocalPage(task, a!);
    kmapLocalPage(task, b!);
    kunmapLocal(task, first);
    expect(rulesOf(machine)).to.deep.equal(['unmap-order']);
  });

  it('compatible: highmem by address, warns and pops the newest', () => {
    const { machine, task, high, other } = setUp(AS_LINUX);
    const [first, second] = [kmapLocalPage(task, high), kmapLocalPage(task, other)];
    kunmapLocal(task, first.vaddr);
    expect(rulesOf(machine)).to.deep.equal(['unmap-order']);
    expect([first.live, second.live]).to.deep.equal([true, false]);
    expect(machine.hardware.pageTable.local.get(0)).to.equal(high.pfn);
  });
});

describe('kmap_local_page_try_from_panic', () => {
  it('gives a lowmem page its permanent address and touches no counter, forced maps or not', () => {
    for (const forceMap of [false, true]) {
      const { machine, task, low } = setUp({ forceMap });
      const m = kmapLocalPageTryFromPanic(task, low);
      if (m === undefined) throw new Error('nothing mapped');
      expect(m.vaddr).to.equal(machine.hardware.addresses.direct(low.pfn));
      m.store8(5, 9);
      expect(machine.physical(low)[5]).to.equal(9);
      expect(counts(task)).to.deep.equal([0, 0, 0, 0]);
      kunmapLocal(task, m);
      machine.checkLeaks();
    }
  });

  it('refuses a highmem page, mapped or not', () => {
    const { task, high } = setUp();
    expect(kmapLocalPageTryFromPanic(task, high)).to.equal(undefined);
    const m = kmapLocalPage(task, high);
    expect(kmapLocalPageTryFromPanic(task, high)).to.equal(undefined);
    kunmapLocal(task, m);
  });
});

describe('kunmap_local of what another function mapped', () => {
  it('is reported and leaves it mapped', () => {
    const { machine, task, high, other } = setUp();
    const pooled = runAlone(task, kmap(task, high));
    const atomic = kmapAtomic(task, other);
    for (const window of [pooled, atomic]) {
      expect(violationOf(() => kunmapLocal(task, window))).to.equal('unmap-mismatch');
      expect(window.live).to.equal(true);
    }
    expect([machine.liveMappings, task.localMaps.idx, task.preemptCount]).to.deep.equal([2, 1, 1]);
  });
});
