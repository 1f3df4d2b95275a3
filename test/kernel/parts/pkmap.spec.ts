import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import type { MachineOptions, PkmapPool } from 'scatterlist/machine';
import { inMemory, storeDirty } from '../dirty-line.ts';
import { AS_LINUX, violationOf } from '../violations.ts';

interface Fixture {
  readonly machine: Machine;
  readonly pool: PkmapPool;
  readonly task: Task;
  readonly page: (n: number) => Page;
}

/** A machine whose frames from 16 on are highmem. */
function setUp(options: MachineOptions = {}): Fixture {
  const machine = createMachine({ lowmemPages: 16, highmemPages: 1024, pkmapSlots: 4, ...options });
  const page = (n: number): Page => machine.hardware.memory.page(16 + n);
  return { machine, pool: machine.pkmap, task: machine.task(), page };
}

function flushes(machine: Machine): number {
  return machine.ledger.flushesGlobal;
}

describe('PkmapPool', () => {
  it('gives the first page slot 1, because the search begins behind the last slot', () => {
    const { pool, page } = setUp();
    expect(pool.get(page(0))).to.equal(1);
    expect(pool.get(page(1))).to.equal(2);
  });

  it('counts uses: 1 is mapped and unused, n has n - 1 users', () => {
    const { pool, page, task } = setUp();
    const slot = pool.get(page(0));
    pool.get(page(0));
    expect(pool.count(slot)).to.equal(3);
    pool.put(page(0), task);
    pool.put(page(0), task);
    expect([pool.count(slot), pool.slotOf(page(0)), pool.slotsInUse]).to.deep.equal([1, slot, 0]);
  });

  it('keeps an unused slot until the search wraps, then frees all of them behind one flush', () => {
    const { machine, pool, page, task } = setUp();
    for (const n of [0, 1, 2]) {
      pool.get(page(n));
      pool.put(page(n), task);
    }
    expect(flushes(machine)).to.equal(0);
    expect(pool.get(page(3))).to.equal(0);
    expect(flushes(machine)).to.equal(1);
    expect([0, 1, 2].map((n) => pool.slotOf(page(n)))).to.deep.equal([-1, -1, -1]);
    expect(machine.ledger.ipis).to.equal(1);
  });

  it('maps an unused slot again without a search', () => {
    const { pool, page, task } = setUp();
    const slot = pool.get(page(0));
    pool.put(page(0), task);
    expect(pool.get(page(0))).to.equal(slot);
  });

  it('is full when every slot has a user, after one flush pass that frees nothing', () => {
    const { machine, pool, page } = setUp();
    for (const n of [0, 1, 2, 3]) pool.get(page(n));
    const passes = pool.flushPasses;
    expect(pool.get(page(4))).to.equal(-1);
    expect(pool.flushPasses).to.equal(passes + 1);
    expect(flushes(machine)).to.equal(0);
  });

  it('wakes waiters only when the last user of a slot goes', () => {
    const { pool, page, task } = setUp();
    pool.waitQueue(page(0)).add(task);
    pool.get(page(0));
    pool.get(page(0));
    expect(pool.put(page(0), task)).to.equal(false);
    expect(task.asleepOn).to.not.equal(undefined);
    expect(pool.put(page(0), task)).to.equal(true);
    expect(task.asleepOn).to.equal(undefined);
  });

  it('wakes nobody where nobody waits', () => {
    const { pool, page, task } = setUp();
    pool.get(page(0));
    expect(pool.put(page(0), task)).to.equal(false);
  });

  it('counts one lock for each call, one table write for each slot set or cleared, one pass for each flush', () => {
    const { machine, pool, page, task } = setUp({ trace: true, cacheAliasing: true });
    const costs = (action: () => unknown): readonly number[] => {
      const { lockAcquisitions, pteWrites, cacheFlushes } = machine.ledger;
      const { flushPasses } = pool;
      action();
      const { ledger } = machine;
      return [
        ledger.lockAcquisitions - lockAcquisitions,
        ledger.pteWrites - pteWrites,
        ledger.cacheFlushes - cacheFlushes,
        pool.flushPasses - flushPasses,
      ];
    };
    expect(costs(() => pool.get(page(0)))).to.deep.equal([1, 1, 0, 0]);
    expect(costs(() => pool.get(page(0)))).to.deep.equal([1, 0, 0, 0]);
    expect(costs(() => pool.getAtOnce(page(0).pfn, 1))).to.deep.equal([1, 0, 0, 0]);
    expect(costs(() => pool.getAtOnce(page(0).pfn, 3))).to.deep.equal([1, 0, 0, 0]);
    expect(costs(() => pool.getAtOnce(page(1).pfn, 3))).to.deep.equal([1, 1, 0, 0]);
    expect([pool.count(1), pool.count(2)]).to.deep.equal([5, 2]);
    expect(costs(() => pool.putSlot(2))).to.deep.equal([1, 0, 0, 0]);
    expect(pool.count(2)).to.equal(1);
    expect(costs(() => pool.put(page(0), task))).to.deep.equal([1, 0, 0, 0]);
    expect(costs(() => pool.getIfMapped(page(0)))).to.deep.equal([1, 0, 0, 0]);
    expect(costs(() => pool.getIfMapped(page(9)))).to.deep.equal([1, 0, 0, 0]);
    expect(costs(() => pool.flushUnused())).to.deep.equal([1, 1, 1, 1]);
    const seen = machine.events.flatMap(({ event }) =>
      event.startsWith('pkmap') || event === 'refused' || event === 'flush-cache-kmaps' ? [event] : [],
    );
    expect(seen).to.deep.equal(['pkmap-set', 'pkmap-set', 'refused', 'flush-cache-kmaps', 'pkmap-clear']);
  });

  it('leaves no trace in its counts where a quick get finds it full', () => {
    const { machine, pool, page } = setUp();
    for (const n of [0, 1, 2, 3]) pool.get(page(n));
    const before = [machine.ledger.lockAcquisitions, pool.flushPasses];
    expect(pool.getAtOnce(page(4).pfn, 0)).to.equal(-1);
    expect([machine.ledger.lockAcquisitions, pool.flushPasses]).to.deep.equal(before);
    expect(pool.slotsInUse).to.equal(4);
  });

  it('takes no slot ahead of who waits for one, but one more use of its own', () => {
    const { pool, page } = setUp();
    pool.get(page(0));
    pool.waitQueue(page(1)).add({ name: 'first', asleepOn: undefined });
    expect([pool.getAtOnce(page(1).pfn, 0), pool.getAtOnce(page(0).pfn, 0)]).to.deep.equal([-1, 1]);
  });

  it('pins a page that is mapped, and no other', () => {
    const { pool, page } = setUp();
    expect(pool.getIfMapped(page(0))).to.equal(-1);
    const slot = pool.get(page(0));
    expect(pool.getIfMapped(page(0))).to.equal(slot);
    expect(pool.count(slot)).to.equal(3);
  });

  it('frees unused slots on demand', () => {
    const { machine, pool, page, task } = setUp();
    pool.get(page(0));
    pool.get(page(1));
    pool.put(page(0), task);
    pool.flushUnused();
    expect([pool.slotOf(page(0)), pool.slotOf(page(1))]).to.deep.equal([-1, 2]);
    pool.flushUnused();
    expect(flushes(machine)).to.equal(1);
  });

  it('keeps cache colours apart, waiters too', () => {
    const { pool, page, task } = setUp({ pkmapSlots: 8, pkmapColours: 4 });
    // Frame 16 has colour 0; its slots are 0 and 4.
    expect([pool.get(page(0)), pool.get(page(4)), pool.get(page(8))]).to.deep.equal([4, 0, -1]);
    expect((pool.get(page(1)) & 3) === 1).to.equal(true);
    pool.waitQueue(page(0)).add(task);
    expect(pool.waitQueue(page(8)).active).to.equal(true);
    expect(pool.waitQueues.indexOf(pool.waitQueue(page(1)))).to.equal(1);
    expect(pool.waitQueue(page(1)).active).to.equal(false);
    expect(pool.slotsPerColour).to.equal(2);
  });

  it('can flush one page where the machine is built so', () => {
    const { machine, pool, page, task } = setUp({ pkmapFlush: 'single' });
    for (const n of [0, 1, 2]) {
      pool.get(page(n));
      pool.put(page(n), task);
    }
    pool.get(page(3));
    pool.put(page(3), task);
    pool.get(page(4));
    expect(flushes(machine)).to.equal(1);
    expect([1, 2].map((n) => pool.slotOf(page(n)))).to.deep.equal([2, 3]);
  });

  it('agrees with the page table: a page has a slot exactly where the table maps it there', () => {
    const step = fc.record({ get: fc.boolean(), page: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { machine, pool, task, page } = setUp();
        const users = new Array<number>(8).fill(0);
        for (const { get, page: n } of steps) {
          if (get && pool.get(page(n)) >= 0) users[n] = (users[n] ?? 0) + 1;
          else if (!get && (users[n] ?? 0) > 0) {
            pool.put(page(n), task);
            users[n] = (users[n] ?? 0) - 1;
          }
        }
        for (const [n, count] of users.entries()) {
          const slot = pool.slotOf(page(n));
          if (count > 0) expect(pool.count(slot)).to.equal(count + 1);
          if (slot >= 0) expect(machine.hardware.pageTable.pkmap.get(slot)).to.equal(page(n).pfn);
        }
        const mapped = [...pool.counts].filter((count) => count > 0).length;
        expect(users.map((_, n) => pool.slotOf(page(n))).filter((slot) => slot >= 0)).to.have.length(mapped);
      }),
    );
  });

  describe('a kunmap too many', () => {
    it('strict: is refused with the count as it was', () => {
      const { pool, page, task } = setUp();
      const slot = pool.get(page(0));
      pool.put(page(0), task);
      expect(violationOf(() => pool.put(page(0), task))).to.equal('kunmap-underflow');
      expect(pool.count(slot)).to.equal(1);
    });

    it('compatible: has lowered the count to 0 when it stops', () => {
      const { machine, pool, page, task } = setUp(AS_LINUX);
      const slot = pool.get(page(0));
      pool.put(page(0), task);
      expect(violationOf(() => pool.put(page(0), task))).to.equal('kunmap-underflow');
      expect(pool.count(slot)).to.equal(0);
      // The entry stays: the page is still found in a slot that the search takes for free.
      expect(machine.hardware.pageTable.pkmap.get(slot)).to.equal(page(0).pfn);
    });
  });

  for (const semantics of ['strict', 'compatible'] as const) {
    it(`${semantics}: kunmap of a page without a slot is refused`, () => {
      const { pool, page, task } = setUp({ semantics });
      expect(violationOf(() => pool.put(page(0), task))).to.equal('kunmap-unmapped');
    });
  }

  it('shows its slots in reports', () => {
    const { pool, page } = setUp();
    expect(pool.dump().text).to.equal('all slots free');
    pool.get(page(0));
    expect(pool.dump().text).to.equal('1: pfn 0x10 count 2');
  });
});

describe('PkmapPool on a machine with a data cache', () => {
  for (const pkmapFlush of ['all', 'single'] as const) {
    it(`writes back what is in its slots before it recycles them, ${pkmapFlush}`, () => {
      for (const [dcacheColours, value] of [
        [1, 0],
        [2, 7],
      ] as const) {
        const { machine, pool, page, task } = setUp({ dcacheColours, pkmapFlush });
        storeDirty(machine, page(0), pool.address(pool.get(page(0))), 7);
        pool.put(page(0), task);
        expect(inMemory(machine, page(0))).to.equal(0);
        for (const n of [1, 2, 3, 4]) {
          pool.get(page(n));
          pool.put(page(n), task);
        }
        expect(inMemory(machine, page(0)), String(dcacheColours)).to.equal(value);
      }
    });
  }
});
