/**
 * A deadlock without a lock: two tasks that each map several pages with kmap().
 *
 * kmap() sleeps while the pool is full. A task that maps page after page, and releases none before it has
 * them all, holds the slots that other tasks wait for. With a pool of four slots and two tasks that want three
 * pages each, both can hold two and wait for ever.
 *
 * The driver in which this was found was fixed like this: a task reserves all slots at once, and waits for
 * them while it holds none. Set `RESERVE` and explore again.
 *
 * Try it: `scatterlist explore examples/explore/nested-kmap.ts`
 */
import { Semaphore, defineProgram } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import { kmap, kunmap } from 'scatterlist/machine';
import type { DirectMapping } from 'scatterlist/machine';
import type { Page, Sleeping } from 'scatterlist';

const RESERVE = false;
const POOL = 4;

interface Shared {
  readonly budget: Semaphore;
  readonly vectors: readonly (readonly Page[])[];
}

function* transfer({ task, budget }: TaskEnv<Shared>, vector: readonly Page[]): Sleeping<void> {
  if (RESERVE) yield* budget.down(task, vector.length);
  const mapped: DirectMapping[] = [];
  for (const page of vector) {
    mapped.push(yield* kmap(task, page)); // may sleep while it holds the pages before
    yield; // another task may run between two maps
  }
  yield; // the transfer itself
  for (const m of mapped) kunmap(task, m);
  if (RESERVE) budget.up(task, vector.length);
}

export default defineProgram<Shared>({
  machine: { cpus: 1, pkmapSlots: POOL, highmemPages: 8 },
  setup: (machine) => ({
    budget: new Semaphore(machine, 'reservation', POOL),
    vectors: [machine.allocPages(3, { zone: 'highmem' }), machine.allocPages(3, { zone: 'highmem' })],
  }),
  tasks: {
    reader: (env) => transfer(env, env.vectors[0] ?? []),
    writer: (env) => transfer(env, env.vectors[1] ?? []),
  },
});
