import { PkmapPool, kmap, kunmap } from 'scatterlist/machine';
import type { MachineParts, Page, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The pool recycled its slots behind a reload of the page directory, which leaves global TLB entries
// alone, and the pool's entries were global. A flush of the new address on the CPU that maps hid it there;
// on any other that had used the address before, the new mapping reaches the old page.
//
// linux-history 5f351e707b, aa54057002 (2.3.27 - 2.3.39, x86 with global pages).
// Oracle: a stale TLB entry is used, on another CPU.

/** A pool that flushes as 2.3.27 did. */
class ReloadingPool extends PkmapPool {
  protected override flushTlbs(): void {
    this.hardware.reloadPageDirectory();
  }
}

interface Shared {
  readonly a: Page;
  readonly b: Page;
}

function program(pkmap: MachineParts['pkmap'], globalPages = true): Program<Shared> {
  // The code of the time: nobody knew why, but without it dbench saw corruption.
  const flushHere = (task: Task, vaddr: number): void => {
    task.machine.hardware.flushPageLocal(task.cpu, vaddr);
  };
  return {
    machine: { cpus: 2, pkmapSlots: 1, globalPages },
    parts: { pkmap },
    migrate: true,
    setup: (machine) => ({
      a: machine.allocPage({ zone: 'highmem' }),
      b: machine.allocPage({ zone: 'highmem' }),
    }),
    tasks: {
      *copier({ task, a, b }) {
        const first = yield* kmap(task, a);
        flushHere(task, first.vaddr);
        first.store8(0, 1);
        kunmap(task, first);
        yield; // to another CPU
        const second = yield* kmap(task, b);
        flushHere(task, second.vaddr);
        yield; // and back
        second.store8(0, 2);
        kunmap(task, second);
      },
    },
    check: ({ memory, a, b }) => memory.load8(a, 0) === 1 && memory.load8(b, 0) === 2,
  };
}

const reloading: MachineParts['pkmap'] = (hardware) => new ReloadingPool(hardware);

describe('pkmap-global-entries-survive-flush', () => {
  it('reaches the old page on the CPU that had used the address', () => {
    expectFound(program(reloading), 'stale-tlb');
  });

  it('overwrites the old page there, where nobody looks at the TLB', () => {
    expectFound({ ...program(reloading), allow: ['stale-tlb'] }, 'final-check');
  });

  it('cannot happen without global pages', () => {
    expectExhausted(program(reloading, false));
  });

  it('does not when the flush drops global entries on all CPUs', () => {
    expectExhausted(program(undefined));
  });
});
