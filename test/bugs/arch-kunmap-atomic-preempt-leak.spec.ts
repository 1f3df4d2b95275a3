import { kmapAtomic, kunmapAtomic, mightSleep, preemptDisable } from 'scatterlist/machine';
import type { Page, DirectMapping, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// An atomic map raises the preempt count. The unmap of two architectures returned early for pages that
// needed no slot, before it lowered the count again.
//
// linux-history 4b19c9405c (2.5 before September 2002; ppc with highmem debug, sparc).
// Oracle: the count is not balanced at the end; before that, a legal sleep is reported.

type Unmap = (task: Task, window: DirectMapping) => void;

/** The early return: everything is undone but the count. */
const leakyUnmap: Unmap = (task, window) => {
  kunmapAtomic(task, window);
  if (window.page.kind === 'lowmem') preemptDisable(task);
};

function program(unmap: Unmap, zone: 'lowmem' | 'highmem', sleeps = false): Program<{ page: Page }> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => ({ page: machine.allocPage({ zone }) }),
    tasks: {
      *task({ task, page }) {
        const m = kmapAtomic(task, page);
        m.store8(0, 1);
        unmap(task, m);
        yield;
        if (sleeps) mightSleep(task, 'kmalloc(GFP_KERNEL)');
      },
    },
  };
}

describe('arch-kunmap-atomic-preempt-leak', () => {
  it('leaves the task non-preemptible after a lowmem page', () => {
    expectFound(program(leakyUnmap, 'lowmem'), 'count-imbalance');
  });

  it('makes a legal sleep look like one in an atomic section', () => {
    expectFound(program(leakyUnmap, 'lowmem', true), 'sleep-in-atomic');
  });

  it('does nothing wrong with a highmem page', () => {
    expectExhausted(program(leakyUnmap, 'highmem', true));
  });

  for (const zone of ['lowmem', 'highmem'] as const) {
    it(`does not when every exit lowers the count: ${zone}`, () => {
      expectExhausted(program(kunmapAtomic, zone, true));
    });
  }
});
