/**
 * A pool that is full: tasks that hold some maps and want one more, and what becomes of them.
 */
import { explore } from '../../explore/explore.ts';
import { defineProgram } from '../../explore/define-program.ts';
import type { TaskEnv } from '../../explore/program.ts';
import { random } from '../../explore/strategies/random.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import { kunmap, mapPoolWait, tryMapPool } from '../../kernel/highmem/kmap.ts';
import { mapContiguous, vunmap } from '../../kernel/highmem/vmap.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { Page } from '../../machine/memory.ts';
import { together, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const DESIGNS = ['kmap waits', 'kmap fails', 'vmap'] as const;
type Design = (typeof DESIGNS)[number];

/** What the tasks of one schedule share. */
interface Shared {
  readonly pages: readonly (readonly Page[])[];
  readonly tally: { done: number; retries: number; gaveUp: number };
}

interface Measured {
  readonly design: Design;
  readonly tasks: number;
  readonly held: number;
  readonly schedules: number;
  readonly deadlocks: number;
  readonly steps: number;
  readonly tally: { readonly done: number; readonly retries: number; readonly gaveUp: number };
  readonly counts: LedgerCounts;
}

interface Env {
  readonly parameters: {
    readonly slots: number;
    readonly schedules: number;
    readonly retries: number;
  };
  readonly seed: number;
}

type Body = (env: TaskEnv<Shared>, pages: readonly Page[], retries: number) => Sleeping<void>;

const release = (env: TaskEnv<Shared>, windows: readonly RamWindow[]): void => {
  for (const window of windows) kunmap(env.task, window);
};

const BODIES: Readonly<Record<Design, Body>> = {
  *'kmap waits'(env, pages) {
    const held: RamWindow[] = [];
    for (const page of pages) {
      held.push(yield* mapPoolWait(env.task, page, 0, 4096));
      yield;
    }
    release(env, held);
    env.tally.done += 1;
  },
  *'kmap fails'(env, pages, retries) {
    for (let attempt = 0; attempt <= retries; attempt += 1) {
      const held: RamWindow[] = [];
      for (const page of pages) {
        const window = tryMapPool(env.task, page, 0, 4096);
        if (window === undefined) break;
        held.push(window);
        yield;
      }
      release(env, held);
      if (held.length === pages.length) {
        env.tally.done += 1;
        return;
      }
      env.tally.retries += 1;
      yield;
    }
    env.tally.gaveUp += 1;
  },
  *vmap(env, pages) {
    const mapped = mapContiguous(env.task, pages, 0, pages.length * 4096);
    if (!mapped.ok) {
      env.tally.gaveUp += 1;
      return;
    }
    for (const _ of pages) yield;
    vunmap(env.task, mapped.value);
    env.tally.done += 1;
  },
};

/** Runs a design in schedules chosen at random, each on a new machine, and adds up what happened. */
function measure(design: Design, tasks: number, held: number, env: Env): Measured {
  const { slots, schedules, retries } = env.parameters;
  const names = Array.from({ length: tasks }, (_, n) => `task${String(n)}`);
  let current: { readonly machine: Machine; readonly shared: Shared } | undefined;
  const program = defineProgram<Shared>({
    machine: {
      mode: 'checked',
      callSites: false,
      cpus: 2,
      pkmapSlots: slots,
      highmemPages: tasks * held,
      lowmemPages: 16,
    },
    setup: (machine) => {
      const all = machine.allocPages(tasks * held, { zone: 'highmem' });
      const shared = {
        pages: names.map((_, n) => all.slice(n * held, (n + 1) * held)),
        tally: { done: 0, retries: 0, gaveUp: 0 },
      };
      current = { machine, shared };
      return shared;
    },
    tasks: Object.fromEntries(
      names.map((name, n) => [
        name,
        {
          cpu: n % 2,
          run: (taskEnv: TaskEnv<Shared>) => BODIES[design](taskEnv, taskEnv.pages[n] ?? [], retries),
        },
      ]),
    ),
  });
  const tally = { done: 0, retries: 0, gaveUp: 0 };
  let deadlocks = 0;
  const counts: LedgerCounts[] = [];
  const outcome = explore(program, random({ seed: env.seed, schedules }), {
    shrink: false,
    budget: { schedules: schedules + 1 },
    onSchedule: ({ violation }) => {
      if (violation?.rule === 'deadlock') deadlocks += 1;
      if (current === undefined) return true;
      for (const key of ['done', 'retries', 'gaveUp'] as const) tally[key] += current.shared.tally[key];
      counts.push(current.machine.ledger);
      return true;
    },
  });
  return {
    design,
    tasks,
    held,
    schedules,
    deadlocks,
    steps: outcome.counts.steps,
    tally,
    counts: together(counts),
  };
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

/** All designs with so many tasks that hold so many maps. */
function rowOf(measured: readonly Measured[], cycles: Cycles): Row {
  const of = (design: Design): Measured | undefined => measured.find((one) => one.design === design);
  const [first] = measured;
  const runs = (first?.tasks ?? 0) * (first?.schedules ?? 0);
  const cyclesOf = (design: Design): number => {
    const one = of(design);
    // A sleep costs its switches, which are counted one by one.
    return one === undefined
      ? 0
      : weigh({ ...one.counts, lockWaits: 0 }, cycles) / Math.max(one.tally.done, 1);
  };
  return {
    tasks: first?.tasks ?? 0,
    held: first?.held ?? 0,
    deadlock: percent(of('kmap waits')?.deadlocks ?? 0, first?.schedules ?? 0),
    waitDone: percent(of('kmap waits')?.tally.done ?? 0, runs),
    waitCycles: cyclesOf('kmap waits'),
    retries: (of('kmap fails')?.tally.retries ?? 0) / runs,
    failDone: percent(of('kmap fails')?.tally.done ?? 0, runs),
    failCycles: cyclesOf('kmap fails'),
    otherDeadlocks: (of('kmap fails')?.deadlocks ?? 0) + (of('vmap')?.deadlocks ?? 0),
    vmapDone: percent(of('vmap')?.tally.done ?? 0, runs),
    vmapCycles: cyclesOf('vmap'),
  };
}

const range = (most: number): readonly number[] => Array.from({ length: most }, (_, n) => n + 1);

/** Pool exhaustion. */
export const exhaustionExperiment: Experiment = defineExperiment({
  name: 'exhaustion',
  question: 'What becomes of tasks that each need several maps of a pool that is too small for all of them?',
  thread: {
    says: 'it might block when the mapping space is fully utilized until a slot becomes available',
    by: 'Fabio M. De Francesco on kmap, linux-kernel, 19 July 2022',
  },
  hypothesis: 'A kmap of a full pool only waits: a slot becomes available, and the task goes on.',
  method:
    'Tasks on two CPUs each map several pages one after the other, and release them at the end. The explorer runs each case in schedules in which each choice is equally likely, on a new machine each time; its rule for deadlocks counts. Three designs: kmap that waits for a slot; kmap that fails at once, so that the task releases what it has and tries again; and one vmap of all pages.',
  doesNotShow: [
    'how often a kernel meets such a schedule: a scheduler does not choose at random',
    'pools of 512 or 1024 slots, which are full only with many tasks; the condition is the same (see the verdict)',
    'tasks that wait for something else while they hold maps, which makes deadlocks likelier',
    'a smarter back-off: the tasks that fail try again at once',
  ],
  parameters: {
    slots: { default: 4, meaning: 'slots of the pool', unit: 'slots', least: 1, most: 64, powerOfTwo: true },
    tasksMost: { default: 6, meaning: 'most tasks; runs with 2, 3, …', unit: 'tasks', least: 2, most: 12 },
    heldMost: {
      default: 3,
      meaning: 'most maps that each task needs; runs with 1, 2, …',
      unit: 'maps',
      least: 1,
      most: 16,
    },
    schedules: {
      default: 200,
      meaning: 'schedules of each case',
      unit: 'schedules',
      least: 1,
      most: 100_000,
    },
    retries: {
      default: 16,
      meaning: 'attempts after which a failing task gives up',
      unit: 'attempts',
      least: 0,
      most: 1000,
    },
  },
  smoke: { tasksMost: 3, heldMost: 3, schedules: 12 },
  columns: [
    { key: 'tasks', title: 'tasks' },
    { key: 'held', title: 'maps', unit: 'each', meaning: 'maps that each task needs at the same time' },
    { key: 'deadlock', title: 'dead', unit: '%', meaning: 'schedules that end in a deadlock if kmap waits' },
    {
      key: 'waitDone',
      title: 'waits',
      unit: '% done',
      meaning:
        'tasks that finish if kmap waits; the next column is the cycles of all tasks for each that finishes',
      digits: 0,
    },
    { key: 'waitCycles', title: 'cycles', unit: '/done', digits: 0 },
    {
      key: 'failDone',
      title: 'fails',
      unit: '% done',
      meaning: 'tasks that finish if kmap fails at once',
      digits: 0,
    },
    { key: 'retries', title: 'retries', unit: '/task', meaning: 'attempts that failed, for each task' },
    { key: 'failCycles', title: 'cycles', unit: '/done', digits: 0 },
    {
      key: 'vmapDone',
      title: 'vmap',
      unit: '% done',
      meaning: 'tasks that finish if they make one vmap of all their pages',
      digits: 0,
    },
    { key: 'vmapCycles', title: 'cycles', unit: '/done', digits: 0 },
  ],
  run: (env) =>
    range(env.parameters.tasksMost)
      .slice(1)
      .flatMap((tasks) =>
        range(env.parameters.heldMost).map((held) =>
          DESIGNS.map((design) => measure(design, tasks, held, env)),
        ),
      ),
  rows: (measured, cycles) => measured.map((designs) => rowOf(designs, cycles)),
  conclude: (rows, { slots }) => {
    const isPossible = (row: Row): boolean =>
      Number(row['tasks']) * (Number(row['held']) - 1) >= slots && Number(row['held']) > 1;
    const dead = rows.filter((row) => Number(row['deadlock']) > 0);
    const single = rows.filter((row) => row['held'] === 1);
    const worst = [...rows].sort((a, b) => Number(b['deadlock']) - Number(a['deadlock']))[0];
    const astray = dead.filter((row) => !isPossible(row)).length;
    const isSingleSafe = single.every((row) => row['deadlock'] === 0);
    const value = Number(worst?.['deadlock'] ?? 0);
    const fails = Math.min(...rows.map((row) => Number(row['failDone'])));
    const vmap = Math.min(...rows.map((row) => Number(row['vmapDone'])));
    const others = rows.reduce((sum, row) => sum + Number(row['otherDeadlocks']), 0);
    const worstCase = `${String(worst?.['tasks'])} tasks of ${String(worst?.['held'])} maps each`;
    return {
      verdict: dead.length === 0 ? 'holds' : isSingleSafe ? 'holds in part' : 'does not hold',
      because: `With one map for each task ${isSingleSafe ? 'no run deadlocks' : 'some runs deadlock'}. With more, ${String(dead.length)} of ${String(rows.filter(isPossible).length)} cases do where tasks × (maps − 1) is at least the ${String(slots)} slots, and ${String(astray)} where it is less; at worst ${value.toFixed(0)} % of the runs (${String(worst?.['tasks'])} tasks, ${String(worst?.['held'])} maps each). A kmap that fails at once finishes ${fails.toFixed(0)} % of the tasks or more, vmap ${vmap.toFixed(0)} %; with these two ${others === 0 ? 'no run' : `${String(others)} runs`} deadlock${others === 0 ? 's' : ''}.`,
      answer: `${isSingleSafe ? 'With one map for each task all wait and go on' : 'Some deadlock even with one map for each task'}; with ${worstCase} on ${String(slots)} slots ${value.toFixed(0)} % of the runs deadlock, and a kmap that fails at once still finishes at least ${fails.toFixed(0)} % of the tasks.`,
      figure: { name: 'most runs that deadlock (%)', value },
    };
  },
  chart: (rows, { slots }) => ({
    kind: 'lines',
    title: `How often tasks deadlock on a pool of ${String(slots)} slots`,
    subtitle: 'each task maps its pages one by one with kmap and holds them; random schedules',
    x: { title: 'tasks' },
    y: { title: 'schedules that end in a deadlock (%)' },
    series: [...new Set(rows.map((row) => Number(row['held'])))].map((held) => ({
      name: held === 1 ? '1 map each' : `${String(held)} maps each`,
      points: rows
        .filter((row) => row['held'] === held)
        .map((row) => [Number(row['tasks']), Number(row['deadlock'])] as const),
    })),
  }),
});
