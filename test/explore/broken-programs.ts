/** Programs that break the rules which only the explorer judges, in several contexts each. */
import { Completion, Mutex, SpinLock, load8, localIrqDisable, store8 } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import {
  DmaDevice,
  WaitQueue,
  dmaMapPage,
  kmap,
  kmapAtomic,
  kmapLocalPage,
  preemptDisable,
  vmap,
} from 'scatterlist/machine';
import type { Machine, Page } from 'scatterlist/machine';
import type { Case } from '../violations/case.ts';
import { LIMITS } from '../../lib/machine/limits.ts';
import { counter } from './programs.ts';

const withPage = (machine: Machine): { readonly page: Page } => ({
  page: machine.allocPage({ zone: 'highmem' }),
});
const lowPage = (machine: Machine): { readonly page: Page } => ({
  page: machine.allocPage({ zone: 'lowmem' }),
});

/** Keeps the types of one program, and forgets them outside. */
function program<S extends object>(of: Program<S>): Program {
  return { ...of } as unknown as Program;
}

/** By the rule, and by what breaks it. */
export const BROKEN: Readonly<Record<string, Program>> = {
  'leak: kmap_local': program({
    setup: withPage,
    tasks: {
      *one({ task, page }) {
        kmapLocalPage(task, page);
      },
    },
  }),
  'leak: kmap': program({
    setup: withPage,
    tasks: {
      *one({ task, page }) {
        yield* kmap(task, page);
      },
    },
  }),
  'leak: kmap_atomic in a handler': program({
    setup: lowPage,
    tasks: { *idle() {} },
    interrupts: {
      irq: {
        kind: 'softirq',
        run: ({ irq, page }) => void kmapLocalPage(irq, page),
      },
    },
  }),
  'leak: vmap': program({
    setup: withPage,
    tasks: {
      *one({ task, page }) {
        void vmap(task, [page]);
        yield;
      },
    },
  }),
  'leak: dma': program({
    setup: (machine) => ({ device: new DmaDevice(machine), ...lowPage(machine) }),
    tasks: {
      *one({ task, device, page }) {
        void dmaMapPage(task, device, page, 0, 64, 'toDevice');
      },
    },
  }),
  'count-imbalance: interrupts': program({
    tasks: {
      *one({ task }) {
        localIrqDisable(task);
      },
    },
  }),
  'count-imbalance: preemption': program({
    tasks: {
      *one({ task }) {
        preemptDisable(task);
      },
    },
  }),
  'count-imbalance: a handler': program({
    tasks: { *idle() {} },
    interrupts: { irq: { kind: 'softirq', run: ({ irq }) => preemptDisable(irq) } },
  }),
  'sleep-in-atomic': program({
    setup: (machine) => ({ ...withPage(machine), queue: new WaitQueue('q') }),
    tasks: {
      *one({ task, page, queue }) {
        kmapAtomic(task, page);
        queue.add(task);
        yield { sleepOn: queue };
      },
    },
  }),
  'deadlock: a circle': program({
    setup: (machine) => ({ a: new Mutex(machine, 'a'), b: new Mutex(machine, 'b') }),
    tasks: {
      *one({ task, a, b }) {
        yield* a.lock(task);
        yield;
        yield* b.lock(task);
      },
      *two({ task, a, b }) {
        yield* b.lock(task);
        yield;
        yield* a.lock(task);
      },
    },
  }),
  'deadlock: a completion': program({
    setup: (machine) => ({ done: new Completion(machine, 'done') }),
    tasks: {
      *one({ task, done }) {
        yield* done.wait(task);
      },
    },
  }),
  'deadlock: a handler spins': program({
    machine: { cpus: 1 },
    setup: (machine) => ({ lock: new SpinLock(machine, 'ring') }),
    tasks: {
      *one({ task, lock }) {
        yield* lock.lock(task);
        yield;
        lock.unlock(task);
      },
    },
    interrupts: {
      irq: {
        kind: 'hardirq',
        *run({ irq, lock }) {
          yield* lock.lock(irq);
          lock.unlock(irq);
        },
      },
    },
  }),
  'lost-wakeup': program({
    setup: () => ({ queue: new WaitQueue('event') }),
    tasks: {
      *sleeper({ task, queue }) {
        yield;
        queue.add(task);
        yield { sleepOn: queue };
        queue.remove(task);
      },
      *waker({ queue }) {
        queue.wakeAll();
      },
    },
  }),
  'no-progress': program({
    maxSteps: 20,
    setup: () => ({ at: { n: 0 } }),
    tasks: {
      *one({ at }) {
        for (;;) {
          at.n += 1;
          yield;
        }
      },
    },
  }),
  livelock: program({
    tasks: {
      *one() {
        for (;;) yield;
      },
    },
  }),
  'final-check': program({ tasks: { *one() {} }, check: () => false }),
  'lost-write': counter() as unknown as Program,
  'data-race': program({
    ...counter(),
    dataRaces: true,
    check: () => true,
  }),
  'exception: a task': program({
    tasks: {
      *one() {
        throw new TypeError('odd');
      },
    },
  }),
  'exception: a handler': program({
    tasks: { *idle() {} },
    interrupts: {
      irq: {
        kind: 'hardirq',
        run: () => {
          throw new Error('odd');
        },
      },
    },
  }),
  'final-check: an error': program({
    tasks: { *one() {} },
    check: () => {
      throw new Error('odd');
    },
  }),
  'page-overrun: through a function of the explorer': program({
    setup: withPage,
    tasks: {
      *one({ task, page }) {
        const window = kmapLocalPage(task, page);
        yield* store8(window, 0, yield* load8(window, 4096));
      },
    },
  }),
};

/** Sizes of a machine as the cases expect them. */
const { lowmemPages, highmemPages, vmallocPages } = LIMITS;
const SIZES = { lowmemPages, highmemPages, vmallocPages };

/** A case of test/violations as a program of one task. */
export function programOf(given: Case): Program {
  return {
    machine: { ...SIZES, ...given.machine },
    ...(given.parts !== undefined && { parts: given.parts }),
    tasks: {
      *run({ machine }) {
        given.run(machine, () => undefined);
      },
    },
  };
}
