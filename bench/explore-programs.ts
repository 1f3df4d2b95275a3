/**
 * Programs for the explorer's rows: large ones that are explored to their end, and those of `test/bugs` and
 * `examples/explore`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Execution, Mutex, Semaphore, defineProgram, isDefinedProgram, waitEvent } from 'scatterlist/explore';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { WaitQueue, kmap, kmapLocalPage, kunmap, kunmapLocal } from 'scatterlist/machine';
import type { DirectMapping, Machine } from 'scatterlist/machine';
import type { Page, Sleeping } from 'scatterlist';

interface Clients {
  readonly budget: Semaphore;
  readonly pages: readonly Page[];
}

/** Clients that each map two pages from the pool, with a yield between the two maps. All of them reserve slots first. */
function clients(count: number): Program<Clients> {
  function* client({ task, budget, pages }: TaskEnv<Clients>, own: number): Sleeping<void> {
    yield* budget.down(task, 2);
    const mapped: DirectMapping[] = [];
    for (const page of pages.slice(2 * own, 2 * own + 2)) {
      const m = yield* kmap(task, page);
      mapped.push(m);
      yield;
      m.store8(0, own + 1);
      yield;
    }
    for (const m of mapped) kunmap(task, m);
    budget.up(task, 2);
  }
  return {
    machine: { cpus: count, pkmapSlots: 4, highmemPages: 2 * count + 2, lowmemPages: 8 },
    setup: (machine: Machine) => ({
      budget: new Semaphore(machine, 'reservation', 4),
      pages: machine.allocPages(2 * count, { zone: 'highmem' }),
    }),
    tasks: Object.fromEntries(
      Array.from({ length: count }, (_, own) => [
        `client${String(own)}`,
        { cpu: own, run: (env: TaskEnv<Clients>) => client(env, own) },
      ]),
    ),
    check: ({ pages, memory }) => pages.every((page, i) => memory.load8(page, 0) === (i >> 1) + 1),
  };
}

interface Queue {
  readonly filled: WaitQueue;
  readonly ring: { readonly items: number[] };
  readonly pages: readonly Page[];
}

const ITEMS = 1;

/** Two producers fill pages, and a consumer sleeps until there is one, maps it and reads it. */
function queue(): Program<Queue> {
  function* producer({ task, filled, ring, pages }: TaskEnv<Queue>, own: number): Sleeping<void> {
    for (let i = 0; i < ITEMS; i += 1) {
      const at = ITEMS * own + i;
      const m = kmapLocalPage(task, pages[at]!);
      yield;
      m.store8(0, at + 1);
      yield;
      kunmapLocal(task, m);
      ring.items.push(at);
      filled.wakeAll();
      yield;
    }
  }
  return {
    machine: { cpus: 3, highmemPages: 8, lowmemPages: 8 },
    setup: (machine: Machine) => ({
      filled: new WaitQueue('filled'),
      ring: { items: [] },
      pages: machine.allocPages(2 * ITEMS, { zone: 'highmem' }),
    }),
    tasks: {
      first: { cpu: 0, run: (env) => producer(env, 0) },
      second: { cpu: 1, run: (env) => producer(env, 1) },
      consumer: {
        cpu: 2,
        *run({ task, filled, ring, pages }) {
          let sum = 0;
          for (let taken = 0; taken < 2 * ITEMS; taken += 1) {
            yield* waitEvent(task, filled, () => ring.items.length > 0);
            const at = ring.items.shift()!;
            const m = kmapLocalPage(task, pages[at]!);
            yield;
            sum += m.load8(0);
            yield;
            kunmapLocal(task, m);
          }
          return sum;
        },
      },
    },
    check: ({ results }) => results['consumer'] === 3,
  };
}

interface Counters {
  readonly lock: Mutex;
  readonly page: Page;
  readonly pages: readonly Page[];
}

/** Tasks on two CPUs that work on pages of their own and add to a counter in a shared page under a mutex. */
function counters(count: number): Program<Counters> {
  function* adder({ task, lock, page, pages }: TaskEnv<Counters>, own: number): Sleeping<void> {
    const mine = kmapLocalPage(task, pages[own]!);
    yield;
    mine.store32(0, own);
    yield;
    mine.store32(4, own);
    yield;
    yield* lock.lock(task);
    const m = kmapLocalPage(task, page);
    const seen = m.load8(0);
    yield;
    m.store8(0, seen + 1);
    kunmapLocal(task, m);
    lock.unlock(task);
    yield;
    mine.store32(8, own);
    yield;
    kunmapLocal(task, mine);
  }
  return {
    machine: { cpus: 2, highmemPages: 8, lowmemPages: 8 },
    setup: (machine: Machine) => ({
      lock: new Mutex(machine, 'counter'),
      page: machine.allocPage({ zone: 'highmem' }),
      pages: machine.allocPages(count, { zone: 'highmem' }),
    }),
    tasks: Object.fromEntries(
      Array.from({ length: count }, (_, own) => [
        `adder${String(own)}`,
        { cpu: own % 2, run: (env: TaskEnv<Counters>) => adder(env, own) },
      ]),
    ),
    check: ({ page, memory }) => memory.load8(page, 0) === count,
  };
}

/** The large programs, by name. No rule is broken, so the explorer goes to their end. */
export const large: Readonly<Record<string, () => Program>> = {
  'three clients, a yield between two maps': () => programOf(defineProgram(clients(3))),
  'two producers, a queue, a consumer': () => programOf(defineProgram(queue())),
  'three tasks, own pages and a counter': () => programOf(defineProgram(counters(3))),
  'four tasks, own pages and a counter': () => programOf(defineProgram(counters(4))),
};

/** Those that take long enough for several threads to share them. */
export const shared: Readonly<Record<string, () => Program>> = {
  'four clients, a yield between two maps': () => programOf(defineProgram(clients(4))),
  'four tasks, own pages and a counter': () => programOf(defineProgram(counters(4))),
  'five tasks, own pages and a counter': () => programOf(defineProgram(counters(5))),
};

/** A program whose type says nothing of what its actors share. */
export function programOf(value: unknown): Program {
  if (!isDefinedProgram(value)) throw new Error('defineProgram makes no program');
  return value;
}

const ROOT = join(import.meta.dirname, '..');

async function modulesOf(folder: string, end: string): Promise<readonly unknown[]> {
  const files = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(end));
  return Promise.all(files.map((file) => import(pathToFileURL(join(ROOT, folder, file)).href)));
}

/** The programs of `examples/explore`. */
export async function examplePrograms(): Promise<readonly Program[]> {
  const modules = await modulesOf('examples/explore', '.ts');
  return modules.map((module) =>
    programOf(typeof module === 'object' && module !== null && 'default' in module ? module.default : module),
  );
}

let bugs: Promise<readonly Program[]> | undefined;

/** The programs that the tests of `test/bugs` explore: the tests run once, and each program that begins is noted. */
export async function bugPrograms(): Promise<readonly Program[]> {
  bugs ??= programsOfTests();
  return bugs;
}

async function programsOfTests(): Promise<readonly Program[]> {
  const tests: (() => void)[] = [];
  const hooks = {
    describe: (_name: string, body: () => void) => {
      body();
    },
    it: (_name: string, body: () => void) => tests.push(body),
  };
  Object.assign(globalThis, hooks);
  await modulesOf('test/bugs', '.spec.ts');
  const found = new Set<Program>();
  const original = Object.getOwnPropertyDescriptor(Execution.prototype, 'begin')!;
  Object.defineProperty(Execution.prototype, 'begin', {
    ...original,
    value(this: Execution, ...args: unknown[]): unknown {
      found.add(this.program);
      return Reflect.apply(original.value as () => unknown, this, args);
    },
  });
  try {
    for (const test of tests) test();
  } finally {
    Object.defineProperty(Execution.prototype, 'begin', original);
  }
  return [...found];
}
