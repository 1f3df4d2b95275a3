/**
 * kmap against kmap_local_page against kmap_atomic, as CPUs grow.
 */
import type { Page } from '../../machine/memory.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import { createMachine } from '../../kernel/core/create-machine.ts';
import { runAlone } from '../../kernel/core/run-alone.ts';
import type { Task } from '../../kernel/core/machine.ts';
import { kmapAtomic, kunmapAtomic } from '../../kernel/highmem/kmap-atomic.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import { kmap, kunmap } from '../../kernel/highmem/kmap.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import { difference, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';
import { figureText } from '../experiment/text.ts';
import { Interned, makespan } from './makespan.ts';
import type { Operation } from './makespan.ts';

type Design = 'kmap' | 'kmap_local' | 'kmap_atomic';

const DESIGNS: readonly Design[] = ['kmap', 'kmap_local', 'kmap_atomic'];

interface Halves {
  readonly map: (task: Task, page: Page) => RamWindow;
  readonly unmap: (task: Task, window: RamWindow) => void;
}

const HALVES: Readonly<Record<Design, Halves>> = {
  kmap: { map: (task, page) => runAlone(task, kmap(task, page)), unmap: kunmap },
  kmap_local: { map: kmapLocalPage, unmap: kunmapLocal },
  kmap_atomic: { map: kmapAtomic, unmap: kunmapAtomic },
};

interface Env {
  readonly parameters: { readonly pairs: number; readonly slots: number; readonly pages: number };
  readonly random: (below: number) => number;
}

interface Measured {
  readonly design: Design;
  readonly cpus: number;
  readonly operations: readonly Operation[];
  /** What all of them did. */
  readonly counts: LedgerCounts;
  readonly refills: number;
}

/** Each CPU maps pages of its own, one at a time; the CPUs take turns. Every half of a pair is one operation. */
function measure(design: Design, cpus: number, env: Env): Measured {
  const { pairs, slots, pages: pagesEach } = env.parameters;
  const machine = createMachine({
    cpus,
    callSites: false,
    pkmapSlots: slots,
    highmemPages: cpus * pagesEach,
    lowmemPages: 16,
  });
  const tasks = Array.from({ length: cpus }, (_, cpu) => machine.task(`cpu${String(cpu)}`, { cpu }));
  const pages = machine.allocPages(cpus * pagesEach, { zone: 'highmem' });
  const operations: Operation[] = [];
  const shared = new Interned();
  for (const task of tasks) machine.enter(task);
  const start = machine.ledger;
  let before = start;
  const counted = (cpu: number, work: number, refills: number): void => {
    const after = machine.ledger;
    operations.push({ cpu, counts: shared.of(difference(before, after)), work, refills });
    before = after;
  };
  for (let n = 0; n < pairs / cpus; n += 1) {
    const held = tasks.flatMap((task, cpu) => {
      const page = pages[cpu * pagesEach + (n % pagesEach)];
      if (page === undefined) return [];
      const window = HALVES[design].map(task, page);
      const refills = task.cpu.tlb.lookup(window.vaddr) === undefined ? 1 : 0;
      window.load8(0);
      counted(cpu, 0, refills);
      return [{ task, cpu, window }];
    });
    for (const { task, cpu, window } of held) {
      HALVES[design].unmap(task, window);
      counted(cpu, 0.5 + env.random(1000) / 999, 0);
    }
  }
  const refills = operations.reduce((sum, one) => sum + one.refills, 0);
  return { design, cpus, operations, counts: difference(start, before), refills };
}

/** The work between map and unmap, and from one pair to the next: the caller's own. */
function rowOf(measured: Measured, cycles: Cycles, bytes: number, otherWork: number): Row {
  const { design, cpus, operations, counts, refills } = measured;
  const pairs = operations.length / 2;
  const work = bytes * cycles('byteCopy') + otherWork;
  const { total, waited } = makespan(operations, cycles, work);
  const flushing = weigh({ flushesGlobal: counts.flushesGlobal, ipis: counts.ipis }, cycles);
  return {
    cpus,
    design,
    locks: counts.lockAcquisitions / pairs,
    globalFlushes: (1000 * counts.flushesGlobal) / pairs,
    ipis: (1000 * counts.ipis) / pairs,
    localFlushes: counts.flushesLocal / pairs,
    refills: refills / pairs,
    flushCycles: flushing / pairs,
    waitCycles: waited / pairs,
    cycles: total / pairs,
  };
}

const cyclesOf = (rows: readonly Row[], design: Design, cpus: number): number =>
  Number(rows.find((row) => row['design'] === design && row['cpus'] === cpus)?.['cycles'] ?? NaN);

/** kmap, kmap_local_page and kmap_atomic as CPUs grow. */
export const cpusExperiment: Experiment = defineExperiment({
  name: 'cpus',
  question: 'What does a pair of map and unmap cost with kmap, kmap_local_page and kmap_atomic as CPUs grow?',
  thread: {
    says: 'it’s actually horribly horribly bad, because it means that we need to use locking for them',
    by: 'Linus Torvalds on the maps of the global kmap, linux-kernel, 19 September 2020',
  },
  hypothesis: 'kmap costs more than kmap_local_page on any number of CPUs, because of the lock of its pool.',
  method:
    'Every CPU of one machine maps pages of its own, one at a time and in turn, and copies the bytes of each; between two pairs it does other work, half to one and a half times the average. The pages of one CPU fit into the pool, so that kmap finds them mapped again; those of many do not. The ledger counts each half of a pair, and the first access after a map counts as a refill if its translation is not in the simulated TLB. The halves are then laid on a time line: the pool has one lock, a half that takes it waits until it is free, and fetches its cache line if another CPU had it; an interrupt to another CPU costs half of its cycles here and half there.',
  doesNotShow: [
    'what any machine with highmem met: those have 32 bits, and few of them have more than 8 CPUs; the rows above say how the design grows',
    'how fast any real machine is: the constants are orders of magnitude for one socket',
    'callers that map less often: with more work between two pairs (parameter work) the lock is free more often; with the default it is taken all the time from about 8 CPUs on',
    'translations that a real TLB drops because it is full: the simulated one has no limit, which favours kmap',
    'spinning that slows down the holder of the lock, or a queue of waiters that overflows a cache',
    'what the refills after a global flush cost the rest of the system',
  ],
  parameters: {
    pairs: {
      default: 4096,
      meaning: 'pairs of map and unmap in all, by all CPUs together',
      unit: 'pairs',
      least: 256,
      most: 1_000_000,
    },
    cpusMost: {
      default: 64,
      meaning: 'most CPUs; runs with 1, 2, 4, …',
      unit: 'CPUs',
      least: 1,
      most: 64,
      powerOfTwo: true,
    },
    slots: {
      default: 512,
      meaning: 'slots of the kmap pool (LAST_PKMAP)',
      unit: 'slots',
      least: 64,
      most: 4096,
      powerOfTwo: true,
    },
    pages: { default: 256, meaning: 'pages that each CPU maps in turn', unit: 'pages', least: 1, most: 4096 },
    bytes: {
      default: 4096,
      meaning: 'bytes copied while a page is mapped',
      unit: 'bytes',
      least: 0,
      most: 65_536,
    },
    work: {
      default: 3000,
      meaning: 'other work of the caller in each pair',
      unit: 'cycles',
      least: 0,
      most: 1e6,
    },
  },
  smoke: { pairs: 1024, cpusMost: 4, pages: 256 },
  columns: [
    { key: 'cpus', title: 'CPUs' },
    { key: 'design', title: 'design' },
    {
      key: 'locks',
      title: 'locks',
      unit: '/pair',
      meaning: 'acquisitions of the lock of the pool, in each pair',
    },
    {
      key: 'localFlushes',
      title: 'local',
      unit: '/pair',
      meaning: 'flushes of one page on the own CPU, in each pair',
    },
    {
      key: 'globalFlushes',
      title: 'global',
      unit: '/1000',
      meaning: 'flushes of everything on all CPUs, in a thousand pairs',
    },
    { key: 'ipis', title: 'IPIs', unit: '/1000', meaning: 'interrupts to other CPUs, in a thousand pairs' },
    {
      key: 'flushCycles',
      title: 'flushing',
      unit: 'cycles',
      meaning: 'global flushes and their interrupts, in each pair',
      digits: 0,
    },
    {
      key: 'waitCycles',
      title: 'waiting',
      unit: 'cycles',
      meaning: 'for the lock and its cache line, in each pair',
      digits: 0,
    },
    {
      key: 'cycles',
      title: 'pair',
      unit: 'cycles',
      meaning: 'time of a pair on its CPU, without the work of the caller',
      digits: 0,
    },
  ],
  run: (env) =>
    Array.from({ length: Math.log2(env.parameters.cpusMost) + 1 }, (_, n) => 2 ** n).flatMap((cpus) =>
      DESIGNS.map((design) => measure(design, cpus, env)),
    ),
  rows: (measured, cycles, { bytes, work }) => measured.map((one) => rowOf(one, cycles, bytes, work)),
  conclude: (rows, { cpusMost }) => {
    const numbers = [...new Set(rows.map((row) => Number(row['cpus'])))];
    const ratio = (cpus: number): number => cyclesOf(rows, 'kmap', cpus) / cyclesOf(rows, 'kmap_local', cpus);
    const dearer = numbers.filter((cpus) => ratio(cpus) > 1);
    const last = rows.find((row) => row['design'] === 'kmap' && row['cpus'] === cpusMost);
    const from = dearer[0];
    const at = (cpus: number): string =>
      `${cyclesOf(rows, 'kmap', cpus).toFixed(0)} against ${cyclesOf(rows, 'kmap_local', cpus).toFixed(0)} cycles on ${String(cpus)} CPU${cpus === 1 ? '' : 's'}`;
    const why = `on ${String(cpusMost)} CPUs a pair waits ${Number(last?.['waitCycles']).toFixed(0)} cycles for the lock and its cache line, and flushes for ${Number(last?.['flushCycles']).toFixed(0)}`;
    return {
      verdict:
        dearer.length === numbers.length ? 'holds' : from === undefined ? 'does not hold' : 'holds in part',
      because:
        from === undefined
          ? `kmap is never dearer: ${at(1)}, ${at(cpusMost)}.`
          : `kmap against kmap_local_page: ${at(1)}; dearer from ${String(from)} CPUs on; ${at(cpusMost)}. ${why[0]?.toUpperCase() ?? ''}${why.slice(1)}.`,
      answer: `A pair of kmap takes ${cyclesOf(rows, 'kmap', 1).toFixed(0)} cycles on 1 CPU and one of kmap_local_page ${cyclesOf(rows, 'kmap_local', 1).toFixed(0)}; on ${String(cpusMost)} CPUs kmap costs ${figureText(ratio(cpusMost))} times as much as kmap_local_page, and ${((100 * Number(last?.['waitCycles'])) / Number(last?.['cycles'])).toFixed(0)} % of that is waiting for one lock.`,
      figure: { name: `kmap over kmap_local_page on ${String(cpusMost)} CPUs`, value: ratio(cpusMost) },
    };
  },
  chart: (rows) => ({
    kind: 'lines',
    title: 'A pair of map and unmap, as CPUs grow',
    subtitle: 'every CPU maps pages of its own; modelled cycles, with the wait for the lock',
    x: { title: 'CPUs', scale: 'log' },
    y: { title: 'time of a pair on one CPU (cycles)', scale: 'log' },
    series: DESIGNS.map((design) => ({
      name: design,
      dashed: design === 'kmap_atomic',
      points: rows
        .filter((row) => row['design'] === design)
        .map((row) => [Number(row['cpus']), Number(row['cycles'])] as const),
    })),
  }),
});
