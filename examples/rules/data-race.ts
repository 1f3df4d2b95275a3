/**
 * data-race: Two tasks add one to a counter through local maps, which do not disable preemption.
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
  machine: { cpus: 2, highmemPages: 4 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: { writer: addOne, other: addOne },
  dataRaces: true,
});
