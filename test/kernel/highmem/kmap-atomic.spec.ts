import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Task } from 'scatterlist';
import { kmapAtomic, kmapAtomicPfn, kmapLocalPage, kunmapAtomic } from 'scatterlist/machine';
import { AS_LINUX, violationOf } from '../violations.ts';

const counts = (task: Task): readonly number[] => [
  task.preemptCount,
  task.pagefaultDisabled,
  task.migrateDisabled,
  task.localMaps.idx,
];

describe('kmapAtomic', () => {
  it('disables preemption and page faults, for lowmem too; a slot pins the task', () => {
    const machine = createMachine();
    const task = machine.task();
    const low = kmapAtomic(task, machine.allocPage({ zone: 'lowmem' }));
    expect(counts(task)).to.deep.equal([1, 1, 0, 0]);
    const high = kmapAtomic(task, machine.allocPage({ zone: 'highmem' }));
    expect(counts(task)).to.deep.equal([2, 2, 1, 1]);
    kunmapAtomic(task, high.vaddr);
    kunmapAtomic(task, low);
    expect(counts(task)).to.deep.equal([0, 0, 0, 0]);
  });

  it('disables migration instead of preemption on PREEMPT_RT', () => {
    const machine = createMachine({ preemptRt: true });
    const task = machine.task();
    const m = kmapAtomic(task, machine.allocPage({ zone: 'highmem' }));
    expect(counts(task)).to.deep.equal([0, 1, 2, 1]);
    kunmapAtomic(task, m);
    expect(counts(task)).to.deep.equal([0, 0, 0, 0]);
  });

  it('takes a slot for a frame that has an address', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'lowmem' });
    using m = kmapAtomicPfn(task, page.pfn);
    m.store8(0, 3);
    expect([m.slot, machine.physical(page)[0], ...counts(task)]).to.deep.equal([0, 3, 1, 1, 1, 1]);
  });

  it('opens no section when the map is refused; Linux dies inside it', () => {
    for (const [options, expected] of [
      [{}, [0, 0, 15, 15]],
      [AS_LINUX, [2, 1, 16, 16]],
    ] as const) {
      const machine = createMachine(options);
      const task = machine.task();
      const pages = machine.allocPages(16, { zone: 'highmem' });
      for (const page of pages.slice(1)) kmapLocalPage(task, page);
      for (const map of [() => kmapAtomic(task, pages[0]!), () => kmapAtomicPfn(task, pages[0]!.pfn)].slice(
        0,
        options === AS_LINUX ? 1 : 2,
      ))
        expect(violationOf(map)).to.equal('slot-overflow');
      expect(counts(task)).to.deep.equal(expected);
    }
  });
});
