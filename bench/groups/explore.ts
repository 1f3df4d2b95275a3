/** Groups that show what a step and the set-up of a schedule cost in the explorer, and how many steps a verdict takes. */
import { Worker } from 'node:worker_threads';
import {
  NOT_SEEN,
  STOP,
  Execution,
  exhaustive,
  explore,
  runSchedule,
  seesMore,
  sharedSearchMemory,
} from 'scatterlist/explore';
import type { Choice, Program, Strategy, World } from 'scatterlist/explore';
import { large, bugPrograms, examplePrograms, shared } from '../explore-programs.ts';
import recorded from '../explore-steps.json' with { type: 'json' };
import type { Done, Task } from '../explore-thread.ts';
import { median } from '../measure.ts';
import type { Group, SizeGroup, Variant } from '../measure.ts';

const TASKS = 3;
const YIELDS = 8;
/** Steps that one call takes. */
const STEPS = 200;
const SET_UPS = 10;
/** The same in a run that only shows that everything runs. */
const FEW = 2;

interface How {
  readonly smoke: boolean;
}

/** The programs of the tests take seconds to collect. */
const bugsOf = async ({ smoke }: How): Promise<readonly Program[]> =>
  smoke ? examplePrograms() : bugPrograms();

/** Tasks that only yield, without a machine. */
class Toy implements World {
  readonly inner = false;
  readonly footprint = undefined;
  readonly choices: Choice[] = [];
  last = -1;
  steps = 0;
  readonly #tasks: Generator<undefined, void>[] = [];

  begin(): void {
    this.last = -1;
    this.choices.length = 0;
    for (let i = 0; i < TASKS; i += 1) {
      this.#tasks[i] = this.#task();
      this.choices.push(i);
    }
  }

  *#task(): Generator<undefined, void> {
    for (let i = 0; i < YIELDS; i += 1) yield;
  }

  take(choice: Choice): void {
    this.last = choice;
    this.steps += 1;
    if (this.#tasks[choice]?.next().done === true) this.choices.splice(this.choices.indexOf(choice), 1);
  }

  stateKey(): undefined {
    return undefined;
  }
}

function toySteps(count: number): void {
  const world = new Toy();
  let strategy: Strategy = exhaustive({ sleepSets: false, visited: false });
  while (world.steps < count) {
    if (!strategy.begin()) strategy = exhaustive({ sleepSets: false, visited: false });
    else runSchedule(world, strategy, () => world.steps >= count);
  }
}

/**
 * Explores programs one after another, for so many steps each and so many in all; the next call goes on behind them. The
 * search for state that cannot be followed, which is done once for each program, is left out.
 */
export function stepsOf(name: string, programs: readonly Program[], count: number, each: number): Variant {
  const searches = programs.map((program) => new Search(program));
  let next = 0;
  return {
    name,
    perCall: count,
    run: () => {
      for (let left = count; left > 0; next += 1)
        left -= searches[next % searches.length]!.steps(Math.min(left, each));
    },
  };
}

/** Explores one program again and again, with a pause after so many steps. */
class Search {
  private readonly world: Execution;
  private strategy = exhaustive();

  constructor(program: Program) {
    this.world = new Execution(program);
  }

  /** Takes at least one step, and as many as are asked for if a schedule does not end first. */
  steps(most: number): number {
    const { world } = this;
    const start = world.totalSteps;
    if (!this.strategy.begin()) {
      this.strategy = exhaustive();
      this.strategy.begin();
    }
    runSchedule(world, this.strategy);
    const taken = world.totalSteps - start;
    return taken < most && taken > 0 ? taken + this.steps(most - taken) : Math.max(1, taken);
  }
}

/** What a step costs, with its share of the set-up of its schedule, as a multiple of a step that only yields. */
export async function exploreStep(how: How): Promise<Group> {
  const count = how.smoke ? FEW : STEPS;
  return {
    name: 'exploreStep',
    title: 'a step of the explorer, its share of the set-up included',
    baseline: {
      name: `${String(count)} steps of the bare toy`,
      perCall: count,
      run: () => {
        toySteps(count);
      },
    },
    variants: [
      ...Object.entries(large).map(([name, make]) => stepsOf(name, [make()], count, count)),
      stepsOf('examples/explore', await examplePrograms(), count, STEPS / 4),
      stepsOf('test/bugs', await bugsOf(how), count, STEPS / 4),
    ],
  };
}

/** What the set-up of a schedule costs, as a multiple of making the three generators of the toy. */
export async function exploreSetUp(how: How): Promise<Group> {
  const count = how.smoke ? FEW : SET_UPS;
  const toy = new Toy();
  const setUpOf = (name: string, programs: readonly Program[]): Variant => {
    const worlds = programs.map((program) => new Execution(program));
    let next = 0;
    return {
      name,
      perCall: count,
      run: () => {
        for (let i = 0; i < count; i += 1) {
          worlds[next % worlds.length]!.begin(() => STOP);
          next += 1;
        }
      },
    };
  };
  return {
    name: 'exploreSetUp',
    title: 'the set-up of a schedule',
    baseline: {
      name: `${String(count)} set-ups of the bare toy`,
      perCall: count,
      run: () => {
        for (let i = 0; i < count; i += 1) toy.begin();
      },
    },
    variants: [
      ...Object.entries(large).map(([name, make]) => setUpOf(name, [make()])),
      setUpOf('examples/explore', await examplePrograms()),
      setUpOf('test/bugs', await bugsOf(how)),
    ],
  };
}

/** How many steps it takes to explore the large programs to their end: now, and before orders were left out by races. */
export function exploreSteps(how: How): SizeGroup {
  const sizes = Object.entries(large).flatMap(([name, make]) => {
    const budget = how.smoke ? { schedules: 1 } : {};
    const { kind, counts } = explore(make(), exhaustive(), { budget });
    if (kind !== 'exhausted' && !how.smoke) throw new Error(`${name}: ${kind}`);
    const before = Object.entries(recorded).find(([other]) => other === name)?.[1] ?? Number.NaN;
    return [
      { name: `${name}: before`, bytes: before },
      { name, bytes: counts.steps },
    ];
  });
  return {
    name: 'exploreSteps',
    title: 'steps to the end',
    unit: 'steps',
    baseline: { name: 'one step', bytes: 1 },
    sizes,
  };
}

/** Times that a program is explored with each number of threads; the median counts. */
const RUNS = 3;
/** The one that is explored only to show that it works. */
const SMALL = 'three tasks, own pages and a counter';

/**
 * How long two threads take to explore a program, as a part of what one takes. Both have run before, so that neither the
 * start of a thread nor the compiler counts. This is wall clock: on a core that is shared the figures mean little.
 */
export async function exploreWorkers({ smoke }: How): Promise<SizeGroup> {
  // A thread does not have the loader of its parent.
  const [loader, module] = [
    import.meta.resolve('tsx/esm/api'),
    new URL('../explore-thread.ts', import.meta.url).href,
  ];
  const url = `data:text/javascript,import { register } from '${loader}'; register(); await import('${module}');`;
  const threads = [1, 2].map(() => new Worker(new URL(url)));
  const timeOf = async (name: string, count: number): Promise<number> => {
    let seen = NOT_SEEN;
    for (;;) {
      const memory = sharedSearchMemory();
      const start = performance.now();
      const all = await Promise.all(
        threads.slice(0, count).map((thread) => {
          thread.postMessage({ name, seen, memory } satisfies Task);
          return new Promise<Done>((resolve) => thread.once('message', resolve));
        }),
      );
      const time = performance.now() - start;
      if (all.every(({ isEnd }) => isEnd)) return time;
      // It has to begin again with what it saw.
      seen = all.find((one) => seesMore(one.seen, seen))?.seen ?? seen;
    }
  };
  const sizes = [];
  for (const name of Object.keys(shared)) {
    const explored = smoke ? SMALL : name;
    const times: [number[], number[]] = [[], []];
    await timeOf(explored, 2);
    for (let run = 0; run < (smoke ? 1 : RUNS); run += 1)
      for (const [i, list] of times.entries()) list.push(await timeOf(explored, i + 1));
    const [one, two] = times.map(median);
    sizes.push({ name: `two threads: ${name}`, bytes: two! / one! });
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
  return {
    name: 'exploreWorkers',
    title: 'two threads over one',
    unit: 'times',
    baseline: { name: 'one thread', bytes: 1 },
    sizes,
  };
}
