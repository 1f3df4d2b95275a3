import { expect } from 'chai';
import { DmaDevice, createMachine } from 'scatterlist';
import { iomemBounce } from 'scatterlist/backends';
import { SpinLock, explain, parseSchedule } from 'scatterlist/explore';
import { dmaMapPage, kmapLocalPage, kmapHighGet, kunmapLocal, vmap } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import type { Machine } from 'scatterlist/machine';
import { LocksHeld } from '../../../../site/lab/session/locks-held.ts';
import { takeSnapshot } from '../../../../site/lab/session/take-snapshot.ts';
import type { Snapshot } from '../../../../site/lab/session/snapshot.ts';
import nestedKmap from '../../../../examples/explore/nested-kmap.ts';
import lostWakeUp from '../../../../examples/explore/lost-wake-up.ts';
import atomicToLocal from '../../../../examples/explore/atomic-to-local.ts';

const BESIDES = { locks: [], frames: new Set<number>(), lineOf: () => undefined };

const take = (machine: Machine): Snapshot => takeSnapshot(machine, BESIDES);

/** The page-table entries of the dump of the machine, one a page. */
function dumped(machine: Machine): readonly unknown[] {
  const areas = { vmalloc: 'vmalloc', pkmap: 'pkmap', fixmap: 'local' } as const;
  return machine.dumpAddressSpace().areas.flatMap((area) =>
    area.name === 'linear'
      ? []
      : area.ranges.flatMap(({ start, pages, firstPfn, holders }) =>
          Array.from({ length: pages }, (_, i) => ({
            area: areas[area.name],
            vaddr: start + i * machine.pageSize,
            pfn: firstPfn + i,
            holders: holders.map(({ name }) => name),
          })),
        ),
  );
}

describe('a snapshot', () => {
  it('has the page table that the machine dumps, at every event of every example', () => {
    let pictures = 0;
    const look = <S extends object>(program: Program<S>): void => {
      explain(program, parseSchedule('0.1.1.0'), {
        listener: {
          happened: (_, machine) => {
            pictures += 1;
            expect(take(machine).pageTable).to.deep.equal(dumped(machine));
          },
        },
      });
    };
    look(atomicToLocal);
    look(nestedKmap);
    look(lostWakeUp);
    expect(pictures).to.be.greaterThan(40);
  });

  it('has the slots of each CPU and of the pool, with their holders', () => {
    const machine = createMachine({ cpus: 2, pkmapSlots: 4 });
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const [page, other] = machine.allocPages(2, { zone: 'highmem' });
    if (page === undefined || other === undefined) throw new Error('two pages');
    kmapLocalPage(a, page);
    const inner = kmapLocalPage(a, other);
    kmapLocalPage(b, page);
    kunmapLocal(a, inner);
    machine.pkmap.get(page);
    machine.pkmap.get(page);
    const { cpus, pool, mappings } = take(machine);
    const slots = cpus.map(({ localSlots }) =>
      localSlots.map(({ index, pfn, holders }) => [index, pfn, ...holders]),
    );
    expect(slots).to.deep.equal([[[0, page.pfn, 'a']], [[0, page.pfn, 'b']]]);
    expect(pool.slots.map(({ slot, pfn, count, state }) => [slot, pfn, count, state])).to.deep.equal([
      [0, undefined, 0, 'free'],
      [1, page.pfn, 3, 'used'],
      [2, undefined, 0, 'free'],
      [3, undefined, 0, 'free'],
    ]);
    expect([pool.slotCount, pool.cursors]).to.deep.equal([4, [1]]);
    expect(mappings.map(({ owner, pfns, cpu }) => [owner, pfns, cpu])).to.deep.equal([
      ['a', [page.pfn], 0],
      ['b', [page.pfn], 1],
    ]);
    machine.pkmap.put(page, a);
    machine.pkmap.put(page, a);
    expect(take(machine).pool.slots[1]?.state).to.equal('unused');
    expect(kmapHighGet(a, page)?.page).to.equal(page);
  });

  it('marks what a TLB keeps although the page table has changed', () => {
    const machine = createMachine({ cpus: 2, pkmapSlots: 2 });
    const cpu = machine.hardware.cpu(1);
    const page = machine.allocPage({ zone: 'highmem' });
    const slot = machine.pkmap.get(page);
    const vaddr = machine.pkmap.address(slot);
    cpu.tlb.fill(vaddr, page.pfn);
    expect(take(machine).cpus[1]?.tlb).to.deep.equal([{ vaddr, pfn: page.pfn, isStale: false }]);
    machine.hardware.pageTable.pkmap.clear(slot);
    expect(take(machine).cpus[1]?.tlb).to.deep.equal([{ vaddr, pfn: page.pfn, isStale: true }]);
  });

  it('has what runs on a CPU, from the handler down to the task, and who sleeps', () => {
    const machine = createMachine({ cpus: 1 });
    const task = machine.task('reader');
    machine.enter(task);
    machine.interrupt(
      'softirq',
      () => {
        const [cpu] = take(machine).cpus;
        expect(cpu?.stack).to.deep.equal([
          { name: 'net', kind: 'softirq' },
          { name: 'reader', kind: 'task' },
        ]);
        expect([cpu?.softirqDepth, cpu?.isIdle]).to.deep.equal([1, false]);
      },
      { name: 'net' },
    );
    const page = machine.allocPage({ zone: 'highmem' });
    machine.pkmap.waitQueue(page).add(task);
    const { tasks, queues, pool } = take(machine);
    expect(tasks.map(({ state, sleepsOn }) => [state, sleepsOn])).to.deep.equal([['asleep', 'kmap pool']]);
    expect(queues).to.deep.equal([{ name: 'kmap pool', waiting: ['reader'] }]);
    expect(pool.waiting).to.deep.equal(['reader']);
  });

  it('has the bounce pools and what is mapped for devices', () => {
    const machine = createMachine({ bounceSlots: 4 });
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'lowmem' });
    const [device] = machine.ioRegion(1, { name: 'card' });
    if (device === undefined) throw new Error('a page of the device');
    const bounced = iomemBounce(task).map(device, 0, 100);
    expect(bounced.ok).to.equal(true);
    const { bounce } = take(machine);
    expect(bounce).to.deep.equal([{ id: 0, slots: 4, runs: [{ firstSlot: 0, slots: 1 }], slotBytes: 2048 }]);
    const mapped = dmaMapPage(task, new DmaDevice(machine, { name: 'card' }), page, 16, 32, 'fromDevice');
    if (!mapped.ok) throw new Error(mapped.error.code);
    expect(take(machine).dma).to.deep.equal([
      { device: 'card', address: page.phys + 16, lengthBytes: 32, direction: 'fromDevice', owner: 'device' },
    ]);
  });

  it('has the first bytes of the pages that were used', () => {
    const machine = createMachine();
    const task = machine.task('writer');
    const pages = machine.allocPages(2, { zone: 'highmem' });
    const area = vmap(task, pages);
    if (!area.ok) throw new Error(area.error.code);
    area.value.store8(machine.pageSize + 1, 7);
    const frames = new Set(pages.map(({ pfn }) => pfn));
    const { pages: shown, pageTable } = takeSnapshot(machine, { ...BESIDES, frames });
    expect(shown.map(({ head }) => head.slice(0, 3))).to.deep.equal([
      [0, 0, 0],
      [0, 7, 0],
    ]);
    expect(pageTable.map(({ area: name, pfn }) => [name, pfn])).to.deep.equal(
      pages.map(({ pfn }) => ['vmalloc', pfn]),
    );
  });
});

describe('the locks of a snapshot', () => {
  it('are those that have a holder; what is signalled has none', () => {
    const locks = new LocksHeld();
    const machine = createMachine({ cpus: 1, trace: true });
    const task = machine.task('a');
    const lock = new SpinLock(machine, 'ring');
    [...lock.lock(task)];
    for (const event of machine.events) locks.add(event);
    expect(locks.pictures).to.deep.equal([{ name: 'ring', holders: ['a'] }]);
    const by = { name: 'irq', cpu: 0 };
    locks.add({ event: 'release', by, lock: 'done' });
    locks.add({ event: 'acquire', by: { name: 'a', cpu: 0 }, lock: 'done' });
    locks.add({ event: 'acquire', by, lock: 'irqs of cpu0' });
    locks.add({ event: 'release', by: { name: 'a', cpu: 0 }, lock: 'ring' });
    expect(locks.pictures).to.deep.equal([]);
  });
});
