/**
 * Who gets the slot: all waiters woken, the first one, or the most important one.
 */
import { createMachine } from '../../kernel/core/create-machine.ts';
import type { Machine, Task } from '../../kernel/core/machine.ts';
import { kunmap, mapPoolWait, tryMapPool } from '../../kernel/highmem/kmap.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { Page } from '../../machine/memory.ts';
import { weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const TASKS = [4, 8, 16, 32] as const;
const POLICIES = ['wake all', 'in turn', 'by priority'] as const;
type Policy = (typeof POLICIES)[number];
/** Every fourth task is an important one. */
const isImportant = (task: number): boolean => task % 4 === 0;

/** One who waits at a gate: it has a queue of its own, so that it can be woken alone. */
interface Waiting {
  readonly task: number;
  readonly queue: WaitQueue;
  window: RamWindow | undefined;
}

/** How a task comes to a map, and gives it back. */
interface Gate {
  map(task: Task, number: number, page: Page): Sleeping<RamWindow>;
  unmap(task: Task, window: RamWindow): void;
}

/** kmap as it is: a release wakes all that wait, and the first to run takes the slot. */
const wakeAll: Gate = {
  map: (task, _number, page) => mapPoolWait(task, page, 0, 4096),
  unmap: kunmap,
};

/** A gate that hands a slot over to one waiter, so that none can come before it and none is woken in vain. */
class HandOver implements Gate {
  readonly pick: (waiting: readonly Waiting[]) => number;
  readonly waiting: Waiting[] = [];
  slots: number;

  constructor(slots: number, pick: (waiting: readonly Waiting[]) => number) {
    this.slots = slots;
    this.pick = pick;
  }

  *map(task: Task, number: number, page: Page): Sleeping<RamWindow> {
    if (this.slots > 0) this.slots -= 1;
    else {
      const queue = new WaitQueue(`turn of ${task.name}`);
      this.waiting.push({ task: number, queue, window: undefined });
      task.machine.hardware.ledger.lockWaits += 1;
      queue.add(task);
      yield { sleepOn: queue };
      queue.remove(task);
    }
    const window = tryMapPool(task, page, 0, 4096);
    if (window === undefined) throw new RangeError('a slot was handed over that is not free');
    return window;
  }

  unmap(task: Task, window: RamWindow): void {
    kunmap(task, window);
    const next = this.waiting.length === 0 ? -1 : this.pick(this.waiting);
    const [one] = next < 0 ? [] : this.waiting.splice(next, 1);
    if (one === undefined) this.slots += 1;
    else one.queue.wakeAll();
  }
}

function gateOf(policy: Policy, slots: number): Gate {
  if (policy === 'wake all') return wakeAll;
  if (policy === 'by priority')
    return new HandOver(slots, (waiting) =>
      Math.max(
        0,
        waiting.findIndex(({ task }) => isImportant(task)),
      ),
    );
  return new HandOver(slots, () => 0);
}

/** How long a map was waited for, in steps of the CPU. */
interface Wait {
  readonly task: number;
  readonly steps: number;
}

interface Measured {
  readonly policy: Policy;
  readonly tasks: number;
  readonly steps: number;
  readonly waits: readonly Wait[];
  readonly counts: LedgerCounts;
  /** Sleeps that ended because a slot was free, and found that another task had taken it. */
  readonly inVain: number;
  /** Steps in which a task did its own work: while it held a map, and between two maps. */
  readonly worked: number;
}

interface Env {
  readonly parameters: {
    readonly slots: number;
    readonly steps: number;
    readonly hold: number;
    readonly pause: number;
    readonly work: number;
  };
  readonly random: (below: number) => number;
}

/** Runs tasks on one CPU for some steps; each step is one of a task that can run, chosen at random. */
function measure(policy: Policy, tasks: number, env: Env): Measured {
  const { slots, steps, hold, pause } = env.parameters;
  const machine: Machine = createMachine({
    mode: 'direct',
    cpus: 1,
    pkmapSlots: slots,
    highmemPages: tasks,
    lowmemPages: 16,
  });
  const gate = gateOf(policy, slots);
  const pages = machine.allocPages(tasks, { zone: 'highmem' });
  const waits: Wait[] = [];
  let now = 0;
  let sleepers = 0;
  let worked = 0;
  const waiting = new Set<number>();
  function* body(task: Task, number: number, page: Page): Sleeping<void> {
    for (;;) {
      const from = now;
      waiting.add(number);
      const window = yield* gate.map(task, number, page);
      waiting.delete(number);
      waits.push({ task: number, steps: now - from });
      if (now > from) sleepers += 1;
      yield* busy(hold);
      gate.unmap(task, window);
      yield* busy(pause);
    }
  }
  function* busy(average: number): Sleeping<void> {
    for (let n = 1 + env.random(2 * average - 1); n > 0; n -= 1) {
      worked += 1;
      yield;
    }
  }
  const running = pages.map((page, number) => {
    const task = machine.task(`task${String(number)}`);
    return { task, steps: body(task, number, page) };
  });
  for (; now < steps; now += 1) {
    const able = running.filter(({ task }) => task.asleepOn === undefined);
    const next = able[env.random(able.length)];
    if (next === undefined) break;
    machine.enter(next.task);
    next.steps.next();
  }
  const counts = machine.ledger;
  const asleep = waiting.size;
  return { policy, tasks, steps: now, waits, counts, inVain: counts.lockWaits - sleepers - asleep, worked };
}

function rowOf(measured: Measured, cycles: Cycles, work: number): Row {
  const { policy, tasks, steps, waits, counts, inVain, worked } = measured;
  const all = waits.map((wait) => wait.steps).sort((a, b) => a - b);
  const important = waits.filter(({ task }) => isImportant(task)).map((wait) => wait.steps);
  const others = waits.filter(({ task }) => !isImportant(task)).map((wait) => wait.steps);
  const mean = (of: readonly number[]): number => of.reduce((sum, n) => sum + n, 0) / Math.max(of.length, 1);
  return {
    tasks,
    policy,
    rate: (1000 * waits.length) / steps,
    inVain: inVain / Math.max(waits.length, 1),
    important: mean(important),
    others: mean(others),
    p99: all[Math.floor(0.99 * all.length)] ?? 0,
    worst: all.at(-1) ?? 0,
    // A sleep costs its switches, which are counted one by one.
    cycles: (weigh({ ...counts, lockWaits: 0 }, cycles) + worked * work) / Math.max(waits.length, 1),
  };
}

const find = (rows: readonly Row[], policy: Policy, tasks: number, key: string): number =>
  Number(rows.find((row) => row['policy'] === policy && row['tasks'] === tasks)?.[key] ?? NaN);

/** Waiters. */
export const waitersExperiment: Experiment = defineExperiment({
  name: 'waiters',
  question:
    'When a slot of a full pool becomes free: should all waiters be woken, the first, or the most important?',
  thread: {
    says: 'it might block when the mapping space is fully utilized until a slot becomes available',
    by: 'Fabio M. De Francesco on kmap, linux-kernel, 19 July 2022; the sentence does not say for whom. kmap wakes all, bus_dma the first, Windows has priorities',
  },
  hypothesis:
    'To wake all is good enough: with 32 tasks in the same number of cycles it maps at least nine tenths as often as handing over to the first, and the longest wait is at most twice as long.',
  method:
    'Tasks on one CPU map a page of a small pool, hold it for some steps, release it and pause, again and again. In each step one of the tasks that can run is chosen at random. kmap itself wakes all that wait, and those that find the pool full sleep again. A gate in front of the pool hands a free slot over to one waiter instead: to the first, or to the first of the important ones (every fourth task). The ledger counts context switches; every step in which a task holds a map or pauses adds the cycles of its work, and a step in which it finds the pool full adds none.',
  doesNotShow: [
    'several CPUs, on which a slot that was handed over stays idle until its task runs',
    'a scheduler with priorities of its own; here every task that can run is as likely',
    'waiters that give up',
  ],
  parameters: {
    slots: { default: 4, meaning: 'slots of the pool', unit: 'slots', least: 1, most: 64, powerOfTwo: true },
    steps: { default: 20_000, meaning: 'steps of each run', unit: 'steps', least: 100, most: 10_000_000 },
    hold: {
      default: 4,
      meaning: 'steps for which a map is held, on average',
      unit: 'steps',
      least: 1,
      most: 1000,
    },
    pause: {
      default: 4,
      meaning: 'steps between two maps of a task, on average',
      unit: 'steps',
      least: 1,
      most: 1000,
    },
    work: {
      default: 1000,
      meaning: 'work of a task in each step in which it holds a map or pauses',
      unit: 'cycles',
      least: 0,
      most: 1e6,
    },
  },
  smoke: { steps: 1000 },
  columns: [
    { key: 'tasks', title: 'tasks' },
    { key: 'policy', title: 'a release wakes' },
    { key: 'rate', title: 'maps', unit: '/1000', meaning: 'maps in a thousand steps', digits: 0 },
    {
      key: 'inVain',
      title: 'in vain',
      unit: '/map',
      meaning: 'sleeps that ended without a slot, for each map',
    },
    {
      key: 'important',
      title: 'wait',
      unit: '1 in 4',
      meaning:
        'steps that an important task waits for a map, on average; then the others, the 99th percentile, the worst',
      digits: 0,
    },
    { key: 'others', title: 'wait', unit: 'others', digits: 0 },
    { key: 'p99', title: 'wait', unit: '99 %', digits: 0 },
    { key: 'worst', title: 'wait', unit: 'worst', digits: 0 },
    {
      key: 'cycles',
      title: 'a map',
      unit: 'cycles',
      meaning: 'modelled cycles for each map, with the work of the tasks',
      digits: 0,
    },
  ],
  run: (env) => TASKS.flatMap((tasks) => POLICIES.map((policy) => measure(policy, tasks, env))),
  rows: (measured, cycles, { work }) => measured.map((one) => rowOf(one, cycles, work)),
  conclude: (rows) => {
    const of = (policy: Policy, key: string): number => find(rows, policy, 32, key);
    const [all, first, high] = POLICIES;
    const rate = of(first, 'cycles') / of(all, 'cycles');
    const wait = of(all, 'worst') / of(first, 'worst');
    const isFast = rate >= 0.9;
    const isFair = wait <= 2;
    return {
      verdict: isFast && isFair ? 'holds' : isFast || isFair ? 'holds in part' : 'does not hold',
      because: `With 32 tasks, waking all maps ${rate.toFixed(2)} times as often in the same number of cycles as handing over to the first, with ${of(all, 'inVain').toFixed(1)} wake-ups in vain for each map; the longest wait is ${of(all, 'worst').toFixed(0)} steps against ${of(first, 'worst').toFixed(0)} (${wait.toFixed(1)} times). By priority the important tasks wait ${of(high, 'important').toFixed(0)} steps and the others ${of(high, 'others').toFixed(0)}, at worst ${of(high, 'worst').toFixed(0)}.`,
      answer: `With 32 tasks, waking all gives ${rate.toFixed(2)} times the maps of waking the first, and ${wait.toFixed(1)} times its longest wait; by priority the important tasks wait ${of(high, 'important').toFixed(0)} steps instead of ${of(first, 'important').toFixed(0)}, and the others ${of(high, 'others').toFixed(0)}.`,
      figure: { name: 'maps in the same cycles, waking all over the first', value: rate },
    };
  },
  chart: (rows, { slots }) => ({
    kind: 'lines',
    title: 'The longest wait for a slot, by who is woken',
    subtitle: `one CPU, a pool of ${String(slots)} slots, so that ${String(slots)} tasks never wait; steps of the CPU`,
    x: { title: 'tasks', scale: 'log' },
    y: { title: 'longest wait (steps)', scale: 'log' },
    series: POLICIES.map((policy) => ({
      name: policy,
      points: TASKS.map((tasks) => [tasks, find(rows, policy, tasks, 'worst')] as const),
    })),
  }),
});
