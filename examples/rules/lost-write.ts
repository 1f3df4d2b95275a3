/**
 * lost-write: A loads, B loads, A stores, B stores: the store of A is lost.
 */
import type { Page, Sleeping } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';

function* addOne({ task, page }: TaskEnv<{ readonly page: Page }>): Sleeping<void> {
  const m = kmapLocalPage(task, page); // was kmap_atomic, which disabled preemption
  const seen = m.load8(0);
  yield; // another task may run here
  m.store8(0, seen + 1);
  kunmapLocal(task, m);
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: { writer: addOne, other: addOne },
  check: ({ page, memory }) => memory.load8(page, 0) === 2,
});
