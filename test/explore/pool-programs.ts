/**
 * Random programs around the kmap pool, small enough for brute force: few slots, so that tasks wait for one and slots are
 * recycled, and pages that several tasks map.
 */
import fc from 'fast-check';
import { WaitQueue, kmap, kmapFlushUnused, kunmap } from 'scatterlist/machine';
import type { DirectMapping, Machine, Page, Sleeping, Task } from 'scatterlist/machine';
import { Mutex } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';

type Op =
  | { readonly do: 'yield' | 'unmap' | 'recycle' | 'lock' | 'unlock' | 'wake' | 'wait' | 'give' | 'take' }
  | { readonly do: 'map' | 'load' | 'store' | 'stale' | 'drop'; readonly page: number };

/** A program: how large the pool is, how many pages there are, and what each task does. */
export interface PoolShape {
  readonly slots: number;
  readonly pages: number;
  readonly tasks: readonly (readonly Op[])[];
  /** Whether tasks look at the addresses of what they mapped. */
  readonly looks: boolean;
}

const PAGES = 3;

const op: fc.Arbitrary<Op> = fc.oneof<fc.MaybeWeightedArbitrary<Op>[]>(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('yield', 'unmap', 'recycle', 'lock', 'unlock', 'wake', 'wait', 'give', 'take'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('map', 'map', 'map', 'load', 'store', 'stale', 'drop'),
      page: fc.nat(PAGES - 1),
    }),
  },
);

/** Shapes at random. */
export const poolShapes: fc.Arbitrary<PoolShape> = fc.record({
  slots: fc.constantFrom(1, 2, 4),
  pages: fc.integer({ min: 1, max: PAGES }),
  tasks: fc.oneof(
    fc.array(fc.array(op, { maxLength: 7 }), { minLength: 2, maxLength: 2 }),
    fc.array(fc.array(op, { maxLength: 4 }), { minLength: 3, maxLength: 3 }),
  ),
  looks: fc.boolean(),
});

interface Shared {
  readonly pages: readonly Page[];
  readonly given: DirectMapping[];
  readonly state: { rounds: number };
  readonly bell: WaitQueue;
  readonly mutex: Mutex;
}

type Env = Shared & { readonly task: Task };

// The text of a body decides what the explorer looks at, so the one that looks at addresses is another function.
function* looking(ops: readonly Op[], env: Env): Sleeping<readonly number[]> {
  const seen: number[] = [];
  yield* body(ops, env, (mapped) => {
    seen.push(mapped.vaddr);
  });
  return seen;
}

function* body(
  ops: readonly Op[],
  { task, pages, given, state, bell, mutex }: Env,
  look?: (mapped: DirectMapping) => void,
): Sleeping<number> {
  const own: DirectMapping[] = [];
  const released: DirectMapping[] = [];
  let holds = false;
  let seen = 1;
  for (const one of ops) {
    const page = pages['page' in one ? one.page % pages.length : 0];
    const top = own.at(-1);
    if (page === undefined) continue;
    if (one.do === 'yield') yield;
    else if (one.do === 'map') {
      const mapped = yield* kmap(task, page);
      look?.(mapped);
      own.push(mapped);
      yield;
    } else if (one.do === 'unmap') {
      const mapped = own.pop();
      if (mapped === undefined) continue;
      kunmap(task, mapped);
      released.push(mapped);
      yield;
    } else if (one.do === 'drop') {
      // By page, as in Linux: the newest map of the page, of this task if it has one.
      const at = own.findLastIndex((mapped) => mapped.page === page);
      if (at < 0) continue;
      kunmap(task, page);
      own.splice(at, 1);
    } else if (one.do === 'load') seen = 3 * seen + (top?.load8(0) ?? state.rounds);
    else if (one.do === 'store') top?.store8(0, seen + 1);
    else if (one.do === 'stale') seen += released.at(-1)?.load8(0) ?? 0;
    else if (one.do === 'recycle') kmapFlushUnused(task);
    else if (one.do === 'give') {
      const mapped = own.pop();
      if (mapped !== undefined) given.push(mapped);
    } else if (one.do === 'take') {
      const mapped = given.pop();
      if (mapped !== undefined) own.push(mapped);
    } else if (one.do === 'wake') {
      state.rounds += 1;
      bell.wakeAll();
    } else if (one.do === 'wait') {
      const before = state.rounds;
      if (before > 0) continue;
      bell.add(task);
      yield { sleepOn: bell };
      bell.remove(task);
    } else if (one.do === 'lock' && !holds) {
      yield* mutex.lock(task);
      holds = true;
    } else if (one.do === 'unlock' && holds) {
      mutex.unlock(task);
      holds = false;
    }
  }
  return seen;
}

/** The program of a shape; `outcomes` is told what each schedule came to. */
export function poolProgram(
  { slots, pages, tasks, looks }: PoolShape,
  outcomes: Set<string>,
): Program<Shared> {
  const plain = (ops: readonly Op[]) => (env: Env) => body(ops, env);
  const curious = (ops: readonly Op[]) => (env: Env) => looking(ops, env);
  const run = looks ? curious : plain;
  return {
    machine: { cpus: 2, pkmapSlots: slots, pageSize: 256 },
    setup: (machine: Machine) => ({
      pages: machine.allocPages(pages, { zone: 'highmem' }),
      given: [],
      state: { rounds: 0 },
      bell: new WaitQueue('event'),
      mutex: new Mutex(machine, 'mutex'),
    }),
    mayKeepMappings: true,
    tasks: Object.fromEntries(tasks.map((ops, i) => [`t${String(i)}`, { cpu: i % 2, run: run(ops) }])),
    check: ({ memory, pages: all, results, state, given }) => {
      const bytes = all.map((page) => memory.load8(page, 0));
      outcomes.add(JSON.stringify([bytes, results, state.rounds, given.length]));
    },
  };
}
