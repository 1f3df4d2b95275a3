/**
 * A conversion from kmap_atomic to kmap_local_page that looks right but is wrong.
 *
 * The section adds one to a counter in a highmem page. kmap_atomic() disabled preemption, so on this machine
 * with one CPU no other task could run between the load and the store. The code relied on that without a
 * comment. kmap_local_page() leaves preemption enabled: another task can run between the load and the store,
 * and one of the two additions is lost.
 *
 * Try it: `scatterlist explore examples/explore/atomic-to-local.ts`
 */
import { defineProgram } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist';

// The section under test, after the conversion.
function* addOne({ task, page }: TaskEnv<{ page: Page }>): Generator<undefined, void, void> {
  const m = kmapLocalPage(task, page); // was kmapAtomic
  const seen = m.load8(0);
  yield; // another task may run here; under kmapAtomic it could not
  m.store8(0, seen + 1);
  kunmapLocal(task, m);
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: { writer: addOne, other: addOne },
  check: ({ page, memory }) => memory.load8(page, 0) === 2,
});
