/**
 * Random programs whose outcomes are few enough to be compared with those of brute force.
 */
import fc from 'fast-check';
import {
  WaitQueue,
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kunmap,
  kunmapAtomic,
  kunmapLocal,
} from 'scatterlist/machine';
import type { Context, Machine, Page, DirectMapping, Sleeping, Task } from 'scatterlist/machine';
import { Mutex, SpinLock } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';

// What a random task may do. Pages and bytes are few, so that tasks meet.
type Op =
  | { readonly do: 'yield' | 'local' | 'atomic' | 'unmap' | 'lock' | 'unlock' | 'spin' | 'unspin' }
  | { readonly do: 'flag' | 'wake' | 'sleep' | 'bytes' | 'physical' | 'try' }
  | { readonly do: 'kmap' | 'load' | 'store' | 'add'; readonly page: number };

/** A program, small enough for brute force. */
export interface Shape {
  readonly cpus: readonly number[];
  readonly tasks: readonly (readonly Op[])[];
  readonly irq: 'none' | 'store' | 'map' | 'flag';
  readonly pool: number;
  readonly migrate: boolean;
  readonly rt: boolean;
}

const plain = fc.constantFrom(
  ...(['yield', 'yield', 'local', 'atomic', 'unmap', 'lock', 'unlock', 'spin', 'unspin'] as const),
  ...(['flag', 'wake', 'sleep', 'bytes', 'physical', 'try', 'try'] as const),
);
const op: fc.Arbitrary<Op> = fc.oneof<fc.MaybeWeightedArbitrary<Op>[]>(
  { weight: 3, arbitrary: fc.record({ do: plain }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('kmap', 'load', 'store', 'add', 'add'), page: fc.nat(1) }),
  },
);

/** Shapes of programs at random. */
export const shapes: fc.Arbitrary<Shape> = fc.record({
  cpus: fc.array(fc.nat(1), { minLength: 3, maxLength: 3 }),
  tasks: fc.oneof(
    fc.array(fc.array(op, { maxLength: 6 }), { minLength: 2, maxLength: 2 }),
    fc.array(fc.array(op, { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  ),
  irq: fc.constantFrom('none', 'none', 'store', 'map', 'flag'),
  pool: fc.constantFrom(1, 2),
  migrate: fc.boolean(),
  rt: fc.boolean(),
});

interface Shared {
  readonly pages: readonly Page[];
  readonly state: { flag: number };
  readonly bell: WaitQueue;
  readonly mutex: Mutex;
  readonly spin: SpinLock;
}

function setup(machine: Machine): Shared {
  return {
    pages: machine.allocPages(2, { zone: 'highmem' }),
    state: { flag: 0 },
    bell: new WaitQueue('event'),
    mutex: new Mutex(machine, 'mutex'),
    spin: new SpinLock(machine, 'spin'),
  };
}

function* body(ops: readonly Op[], env: Shared & { task: Task; machine: Machine }): Sleeping<number> {
  const { task, pages, mutex, spin } = env;
  const maps: { window: DirectMapping; unmap: (context: Context, window: DirectMapping) => void }[] = [];
  // Asking a lock for its holders would make every step read it.
  const held = new Set<object>();
  let seen = 1;
  for (const one of ops) {
    const top = maps.at(-1)?.window;
    const page = pages['page' in one ? one.page : 0]!;
    if (one.do === 'yield') yield;
    else if (one.do === 'local')
      maps.push({ window: kmapLocalPage(task, pages[seen % 2]!), unmap: kunmapLocal });
    else if (one.do === 'atomic') maps.push({ window: kmapAtomic(task, page), unmap: kunmapAtomic });
    else if (one.do === 'add') {
      const m = kmapLocalPage(task, page);
      const value = m.load8(0);
      yield;
      m.store8(0, value + 1 + seen);
      kunmapLocal(task, m);
    } else if (one.do === 'kmap') maps.push({ window: yield* kmap(task, page), unmap: kunmap });
    else if (one.do === 'unmap') {
      const last = maps.pop();
      last?.unmap(task, last.window);
    } else if (one.do === 'load') seen += top?.load8(0) ?? env.state.flag;
    else if (one.do === 'store') top?.store8(0, seen + 1);
    else if (one.do === 'bytes') {
      if (top !== undefined) top.bytes[0] = (top.bytes[0] ?? 0) + seen;
    } else if (one.do === 'physical') seen += env.machine.physical(page)[0] ?? 0;
    else if (one.do === 'flag') env.state.flag += 1;
    else if (one.do === 'wake') env.bell.wakeAll();
    else if (one.do === 'sleep') {
      if (env.state.flag > 0) continue;
      yield;
      env.bell.add(task);
      yield { sleepOn: env.bell };
      env.bell.remove(task);
    } else if (one.do === 'try') {
      if (!mutex.tryLock(task)) continue;
      seen += 2;
      yield;
      mutex.unlock(task);
    } else if (one.do === 'lock') {
      yield* mutex.lock(task);
      held.add(mutex);
    } else if (one.do === 'spin') {
      yield* spin.lock(task);
      held.add(spin);
    } else if (one.do === 'unlock' && held.delete(mutex)) mutex.unlock(task);
    else if (one.do === 'unspin' && held.delete(spin)) spin.unlock(task);
  }
  return seen;
}

/** The program of a shape; `outcomes` is told what each schedule came to. */
export function programOf(shape: Shape, outcomes: Set<string>): Program<Shared> {
  const { irq } = shape;
  return {
    machine: { cpus: 2, pkmapSlots: shape.pool, pageSize: 256, preemptRt: shape.rt },
    setup,
    migrate: shape.migrate,
    mayKeepMappings: true,
    tasks: Object.fromEntries(
      shape.tasks.map((ops, i) => [
        `t${String(i)}`,
        { cpu: shape.cpus[i] ?? 0, run: (env) => body(ops, env) },
      ]),
    ),
    interrupts:
      irq === 'none'
        ? {}
        : {
            irq: {
              kind: 'hardirq',
              run: (env) => {
                const { pages, state } = env;
                if (irq === 'flag') state.flag += 1;
                if (irq === 'flag') env.bell.wakeAll();
                if (irq === 'flag') return;
                const m = kmapLocalPage(env.irq, pages[1]!);
                if (irq === 'store') m.store8(0, m.load8(0) + 16);
                kunmapLocal(env.irq, m);
              },
            },
          },
    check: ({ memory, pages, results, state }) => {
      outcomes.add(JSON.stringify([pages.map((page) => memory.load8(page, 0)), results, state.flag]));
    },
  };
}
