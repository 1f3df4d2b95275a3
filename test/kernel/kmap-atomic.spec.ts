import { expect } from 'chai';
import { createMachine, pfn } from 'scatterlist';
import type { Machine, Task } from 'scatterlist';
import {
  kmapAtomic,
  kmapAtomicPfn,
  kmapLocalPage,
  kunmapAtomic,
  kunmapLocal,
  mightSleep,
} from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';
import { AS_LINUX, rulesOf, violationOf } from './violations.ts';

function bench(options: MachineOptions = {}): { readonly machine: Machine; readonly task: Task } {
  const machine = createMachine({ lowmemPages: 16, highmemPages: 64, ...options });
  return { machine, task: machine.task() };
}

/** Preempt, migrate and page-fault counts. */
function counts(task: Task): readonly number[] {
  return [task.preemptCount, task.migrateDisabled, task.pagefaultDisabled];
}

const CASES: readonly (readonly [MachineOptions, number, readonly number[]])[] = [
  [{}, 3, [1, 0, 1]],
  [{}, 20, [1, 1, 1]],
  [{ preemptRt: true }, 3, [0, 1, 1]],
  [{ preemptRt: true }, 20, [0, 2, 1]],
];

describe('kmap_atomic', () => {
  for (const [options, n, expected] of CASES) {
    it(`disables [preemption, migration, page faults] ${String(expected)} for pfn ${String(n)} with ${JSON.stringify(options)}`, () => {
      const { machine, task } = bench(options);
      const m = kmapAtomic(task, machine.hardware.memory.page(n));
      expect(counts(task)).to.deep.equal(expected);
      kunmapAtomic(task, m);
      expect(counts(task)).to.deep.equal([0, 0, 0]);
      machine.checkLeaks();
    });
  }

  it('is a section in which nothing may sleep', () => {
    const { machine, task } = bench();
    using m = kmapAtomic(task, machine.hardware.memory.page(20));
    expect(m.live).to.equal(true);
    expect(violationOf(() => mightSleep(task))).to.equal('sleep-in-atomic');
  });

  it('takes a slot for a frame, whatever its address', () => {
    const { task } = bench();
    const m = kmapAtomicPfn(task, pfn(3));
    expect([m.slot, ...counts(task)]).to.deep.equal([0, 1, 1, 1]);
    kunmapAtomic(task, m.vaddr);
    expect([task.localMaps.idx, ...counts(task)]).to.deep.equal([0, 0, 0, 0]);
  });

  it('nests with local maps', () => {
    const { machine, task } = bench();
    const outer = kmapLocalPage(task, machine.hardware.memory.page(20));
    const inner = kmapAtomic(task, machine.hardware.memory.page(21));
    expect(inner.slot).to.equal(1);
    kunmapAtomic(task, inner);
    kunmapLocal(task, outer);
    machine.checkLeaks();
  });

  it('is not released by kunmap_local', () => {
    const { machine, task } = bench();
    const m = kmapAtomic(task, machine.hardware.memory.page(20));
    expect(violationOf(() => kunmapLocal(task, m))).to.equal('unmap-mismatch');
  });

  describe('one map too many', () => {
    function fill(options: MachineOptions): Task {
      const { machine, task } = bench(options);
      const page = machine.hardware.memory.page(20);
      for (let n = 0; n < 15; n += 1) kmapLocalPage(task, page);
      expect(violationOf(() => kmapAtomic(task, page))).to.equal('slot-overflow');
      return task;
    }

    it('strict: leaves no section open', () => {
      expect(counts(fill({}))).to.deep.equal([0, 15, 0]);
    });

    it('compatible: stops inside the section', () => {
      expect(counts(fill(AS_LINUX))).to.deep.equal([2, 16, 1]);
    });
  });

  it('compatible: released by the address of another map, it pops the newest and ends one section', () => {
    const { machine, task } = bench(AS_LINUX);
    const [first] = [20, 21].map((n) => kmapAtomic(task, machine.hardware.memory.page(n)));
    if (first === undefined) throw new Error('no map');
    kunmapAtomic(task, first.vaddr);
    expect([rulesOf(machine), task.localMaps.idx, ...counts(task)]).to.deep.equal([
      ['unmap-order'],
      1,
      1,
      1,
      1,
    ]);
  });
});
