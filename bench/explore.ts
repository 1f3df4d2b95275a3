/**
 * Measures the speed of the explorer as ratios within one run: how fast it steps without reduction, compared with the
 * scheduler of fast-check; what full checking costs; and how long it takes to explore 3 tasks with 8 yields completely.
 *
 *   node --conditions=source --import tsx bench/explore.ts
 */
import fc from 'fast-check';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { exhaustive, explore, runSchedule } from 'scatterlist/explore';
import type { Choice, Program, Strategy, TaskBody, World } from 'scatterlist/explore';
import type { Page } from 'scatterlist';

const TASKS = 3;
const YIELDS = 8;

/** Runs generators only, to show what a strategy alone costs. */
class Bare implements World {
  readonly inner = false;
  readonly footprint = undefined;
  readonly choices: Choice[] = [];
  last = -1;
  counter = 0;
  readonly #tasks: Generator<undefined, void>[] = [];

  begin(): void {
    this.last = -1;
    this.counter = 0;
    this.choices.length = 0;
    for (let i = 0; i < TASKS; i += 1) {
      this.#tasks[i] = this.#task();
      this.choices.push(i);
    }
  }

  *#task(): Generator<undefined, void> {
    for (let i = 0; i < YIELDS; i += 1) {
      this.counter += 1;
      yield;
    }
  }

  take(choice: Choice): void {
    this.last = choice;
    if (this.#tasks[choice]?.next().done === true) this.choices.splice(this.choices.indexOf(choice), 1);
  }

  stateKey(): undefined {
    return undefined;
  }
}

function run(world: World, strategy: Strategy, schedules: number): void {
  for (let i = 0; i < schedules && strategy.begin(); i += 1) runSchedule(world, strategy);
}

const brute = (): Strategy => exhaustive({ sleepSets: false, visited: false });

interface Shared {
  readonly pages: readonly Page[];
}

/** 3 tasks with 8 yields each, which map, load, store and unmap twice, all on one page or each on its own page. */
function checked(pages: number, cpus: number): Program<Shared> {
  const body = (own: number): TaskBody<Shared> =>
    function* task({ task, pages: all }) {
      const page = all[own % pages];
      if (page === undefined) return;
      for (let i = 0; i < 2; i += 1) {
        const m = kmapLocalPage(task, page);
        yield;
        const seen = m.load8(0);
        yield;
        m.store8(0, seen + 1);
        yield;
        kunmapLocal(task, m);
        yield;
      }
    };
  return {
    machine: { cpus, highmemPages: 4, lowmemPages: 4 },
    setup: (machine) => ({ pages: machine.allocPages(pages, { zone: 'highmem' }) }),
    tasks: Object.fromEntries(
      Array.from({ length: TASKS }, (_, i) => [`t${String(i)}`, { cpu: i % cpus, run: body(i) }]),
    ),
  };
}

/** 3 tasks with 8 yields each, which also load and store a counter once. */
const counter: Program<Shared> = (() => {
  const body: TaskBody<Shared> = function* task({ task, pages: [page] }) {
    if (page === undefined) return;
    yield;
    const m = kmapLocalPage(task, page);
    yield;
    yield;
    const seen = m.load8(0);
    yield;
    yield;
    m.store8(0, seen + 1);
    yield;
    yield;
    kunmapLocal(task, m);
    yield;
  };
  return { ...checked(1, 1), tasks: { a: body, b: body, c: body } };
})();

async function fastCheck(schedules: number): Promise<void> {
  for (let i = 0; i < schedules; i += 1) {
    const s = fc.schedulerFor(Array.from({ length: TASKS * YIELDS }, (_, k) => k + 1));
    let counter = 0;
    const tasks = Array.from({ length: TASKS }, async (_, t) => {
      for (let y = 0; y < YIELDS; y += 1) {
        await s.schedule(Promise.resolve(), `${String(t)}.${String(y)}`);
        counter += 1;
      }
    });
    await s.waitFor(Promise.all(tasks));
    if (counter !== TASKS * YIELDS) throw new Error(`fast-check ran ${String(counter)} steps`);
  }
}

/** Runs per second of CPU time, from the best of a few rounds. */
async function rate(runs: number, work: (runs: number) => void | Promise<void>): Promise<number> {
  let best = 0;
  for (let round = 0; round < 5; round += 1) {
    const start = process.cpuUsage();
    await work(runs);
    const { user, system } = process.cpuUsage(start);
    best = Math.max(best, runs / ((user + system) / 1e6));
  }
  return best;
}

function print(label: string, value: string): void {
  console.log(`${label.padEnd(64)} ${value}`);
}

const bare = await rate(300_000, (runs) => {
  run(new Bare(), brute(), runs);
});
const peer = await rate(4000, fastCheck);
const full = await rate(2000, (runs) => {
  explore(checked(1, 1), brute(), { budget: { schedules: runs } });
});
print('bare toy, unreduced, schedules/s', Math.round(bare).toLocaleString('en'));
print('  × fast-check schedulerFor', (bare / peer).toFixed(0));
print('fully checked machine, unreduced, schedules/s', Math.round(full).toLocaleString('en'));
print('  bare toy × fully checked', (bare / full).toFixed(0));
print('  × fast-check schedulerFor (which checks nothing)', (full / peer).toFixed(2));
for (const [label, program] of [
  ['3 × 8 yields, a page each, a cpu each: exhausted in', checked(3, 3)],
  ['3 × 8 yields, a page each, one cpu: exhausted in', checked(3, 1)],
  ['3 × 8 yields, one shared counter, one cpu: exhausted in', counter],
  ['3 × 8 yields, two additions each to one counter: exhausted in', checked(1, 1)],
] as const) {
  const { kind, counts } = explore(program, exhaustive());
  print(
    label,
    `${String(counts.milliseconds)} ms (${kind}; ${String(counts.schedules)} schedules, ${String(counts.pruned)} cut, ${String(counts.states)} states)`,
  );
}
