import { kmapAtomic, kmapLocalPage, kunmapAtomic, kunmapLocal } from 'scatterlist/machine';
import type { Page, Sleeping } from 'scatterlist/machine';
import { Mutex } from 'scatterlist/explore';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// A section under kmap_atomic that relied on disabled preemption, converted to kmap_local_page.

type Kind = 'kmap_atomic' | 'kmap_local' | 'kmap_local and a mutex';
interface Shared {
  readonly page: Page;
  readonly mutex: Mutex;
}

function program(kind: Kind, preemptRt = false): Program<Shared> {
  const [map, unmap] = kind === 'kmap_atomic' ? [kmapAtomic, kunmapAtomic] : [kmapLocalPage, kunmapLocal];
  const locked = kind === 'kmap_local and a mutex';
  function* addOne({ task, page, mutex }: TaskEnv<Shared>): Sleeping<void> {
    if (locked) yield* mutex.lock(task);
    const m = map(task, page);
    const seen = m.load8(0);
    yield;
    m.store8(0, seen + 1);
    unmap(task, m);
    if (locked) mutex.unlock(task);
  }
  return {
    machine: { cpus: 1, preemptRt },
    setup: (machine) => ({
      page: machine.allocPage({ zone: 'highmem' }),
      mutex: new Mutex(machine, 'counter'),
    }),
    tasks: { writer: addOne, other: addOne },
    check: ({ memory, page }) => memory.load8(page, 0) === 2,
  };
}

describe('a conversion that relied on disabled preemption', () => {
  it('was sound with kmap_atomic on one cpu', () => {
    expectExhausted(program('kmap_atomic'));
  });

  it('loses an update with kmap_local_page', () => {
    expectFound(program('kmap_local'), 'lost-write');
  });

  it('loses it with kmap_atomic too on PREEMPT_RT, where only migration is disabled', () => {
    expectFound(program('kmap_atomic', true), 'lost-write');
  });

  it('is sound with a lock', () => {
    expectExhausted(program('kmap_local and a mutex'));
  });
});
