/**
 * The latency that kmap_atomic adds for a task that becomes urgent, with PREEMPT_RT and without.
 */
import { createMachine } from '../../kernel/core/create-machine.ts';
import { inAtomic } from '../../kernel/core/preempt.ts';
import type { Task } from '../../kernel/core/machine.ts';
import { kmapAtomic, kunmapAtomic } from '../../kernel/highmem/kmap-atomic.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { Page } from '../../machine/memory.ts';
import { difference, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const DESIGNS = [
  { name: 'kmap_atomic', preemptRt: false, isAtomic: true },
  { name: 'kmap_atomic, RT', preemptRt: true, isAtomic: true },
  { name: 'kmap_local', preemptRt: false, isAtomic: false },
] as const;
type Design = (typeof DESIGNS)[number];

/** Cycles of work while a page is mapped: a header, a copy, a checksum, a compressor. */
const SECTIONS = [30, 100, 300, 1000, 10_000, 100_000] as const;

/** A part of the loop of the task that is running: from one point to the next, the CPU may or may not be taken from it. */
interface Phase {
  readonly name: 'idle' | 'mapped';
  readonly mayBeTaken: boolean;
  /** What the machine does if the CPU is taken here: up to the moment at which the urgent task runs. */
  readonly taken: LedgerCounts;
}

interface Measured {
  readonly design: Design;
  readonly phases: readonly Phase[];
  readonly map: LedgerCounts;
  readonly unmap: LedgerCounts;
  readonly wakes: readonly number[];
}

const map = (design: Design, task: Task, page: Page): RamWindow =>
  design.isAtomic ? kmapAtomic(task, page) : kmapLocalPage(task, page);

const unmap = (design: Design, task: Task, window: RamWindow): void => {
  if (design.isAtomic) kunmapAtomic(task, window);
  else kunmapLocal(task, window);
};

/** Runs the loop once, and asks the machine in each phase whether it may switch, and what a switch does. */
function measure(design: Design, wakes: readonly number[]): Measured {
  const machine = createMachine({
    preemptRt: design.preemptRt,
    cpus: 1,
    highmemPages: 4,
    lowmemPages: 16,
    callSites: false,
  });
  const slow = machine.task('copier');
  const urgent = machine.task('urgent');
  const page = machine.allocPage({ zone: 'highmem' });
  const phase = (name: Phase['name']): Phase => {
    const mayBeTaken = !inAtomic(slow);
    if (!mayBeTaken) return { name, mayBeTaken, taken: difference(machine.ledger, machine.ledger) };
    const before = machine.ledger;
    machine.schedule(urgent);
    const taken = difference(before, machine.ledger);
    machine.schedule(slow);
    return { name, mayBeTaken, taken };
  };
  machine.enter(slow);
  const idle = phase('idle');
  const start = machine.ledger;
  const window = map(design, slow, page);
  const afterMap = machine.ledger;
  const mapped = phase('mapped');
  const beforeUnmap = machine.ledger;
  unmap(design, slow, window);
  return {
    design,
    phases: [idle, mapped],
    map: difference(start, afterMap),
    unmap: difference(beforeUnmap, machine.ledger),
    wakes,
  };
}

/** The latency of each wake-up, at a fraction of the loop: until the urgent task runs. */
function latencies(one: Measured, section: number, idleCycles: number, cycles: Cycles): readonly number[] {
  const [idle, mapped] = one.phases;
  if (idle === undefined || mapped === undefined) return [];
  const lengths = [idleCycles, weigh(one.map, cycles) + section + weigh(one.unmap, cycles)] as const;
  const whole = lengths[0] + lengths[1];
  return one.wakes.map((fraction) => {
    const at = fraction * whole;
    if (at < lengths[0]) return weigh(idle.taken, cycles);
    if (mapped.mayBeTaken) return weigh(mapped.taken, cycles);
    return whole - at + weigh(idle.taken, cycles);
  });
}

function rowOf(one: Measured, section: number, idleCycles: number, cycles: Cycles): Row {
  const all = [...latencies(one, section, idleCycles, cycles)].sort((a, b) => a - b);
  const idle = one.phases[0];
  const least = idle === undefined ? 0 : weigh(idle.taken, cycles);
  const at = (part: number): number =>
    (all[Math.min(all.length - 1, Math.floor(part * all.length))] ?? 0) - least;
  return {
    section,
    design: one.design.name,
    preemptible: one.phases[1]?.mayBeTaken === true ? 'yes' : 'no',
    mean: all.reduce((sum, latency) => sum + latency - least, 0) / all.length,
    p99: at(0.99),
    worst: at(1),
  };
}

const find = (rows: readonly Row[], name: Design['name'], section: number, key: string): number =>
  Number(rows.find((row) => row['design'] === name && row['section'] === section)?.[key] ?? NaN);

/** PREEMPT_RT or not: the latency that kmap_atomic adds. */
export const rtExperiment: Experiment = defineExperiment({
  name: 'rt',
  question: 'How much later does an urgent task run because another task has a page mapped?',
  thread: {
    says: 'With PREEMPT_RT it is different as it never disabled preemption',
    by: 'Sebastian Andrzej Siewior on kmap_atomic, linux-kernel, 7 December 2022',
  },
  hypothesis:
    'On a kernel without PREEMPT_RT kmap_atomic adds up to its whole section to the latency; with PREEMPT_RT it adds none.',
  method:
    'A task on one CPU maps a page, works, unmaps, and does other work, again and again. In each phase the simulated machine is asked whether it may give the CPU to an urgent task, and, if so, it does, and the ledger counts what the switch did: with a local map, clearing its entry and flushing its address. Wake-ups of the urgent task are laid at random moments of the loop. The latency is what it takes until that task runs, less what a switch takes when no page is mapped.',
  doesNotShow: [
    'sections that end later because the section itself takes an interrupt or a page fault',
    'locks that the urgent task needs, which on PREEMPT_RT are the main part of latency',
    'the time that the first task loses afterwards, when its map is restored: see the experiment context-switch',
  ],
  parameters: {
    wakes: {
      default: 2000,
      meaning: 'wake-ups of the urgent task',
      unit: 'wake-ups',
      least: 10,
      most: 1_000_000,
    },
    idle: {
      default: 3000,
      meaning: 'work in each round with no page mapped',
      unit: 'cycles',
      least: 0,
      most: 1e7,
    },
  },
  smoke: { wakes: 100 },
  columns: [
    { key: 'section', title: 'section', unit: 'cycles', meaning: 'work while the page is mapped' },
    { key: 'design', title: 'design' },
    {
      key: 'preemptible',
      title: 'may be taken',
      meaning: 'whether the CPU may be taken from the task while the page is mapped',
    },
    {
      key: 'mean',
      title: 'mean',
      unit: '+cycles',
      meaning:
        'what the map adds to the latency, on average over all wake-ups; then the 99th percentile and the worst',
      digits: 0,
    },
    { key: 'p99', title: '99 %', unit: '+cycles', digits: 0 },
    { key: 'worst', title: 'worst', unit: '+cycles', digits: 0 },
  ],
  run: ({ parameters: { wakes }, random }) => {
    const at = Array.from({ length: wakes }, () => random(1_000_000) / 1_000_000);
    return DESIGNS.map((design) => measure(design, at));
  },
  rows: (measured, cycles, { idle }) =>
    SECTIONS.flatMap((section) => measured.map((one) => rowOf(one, section, idle, cycles))),
  conclude: (rows) => {
    const worst = (name: Design['name'], section: number): number => find(rows, name, section, 'worst');
    const sections = [...SECTIONS];
    const long = sections.at(-1) ?? 0;
    const adds = worst('kmap_atomic', long) > 0.9 * long;
    const rt = Math.max(...sections.map((section) => worst('kmap_atomic, RT', section)));
    const isSame = sections.every((section) => worst('kmap_atomic, RT', section) === rt);
    const whatever = isSame ? ', whatever the section' : ' at most';
    const mean = (name: Design['name'], section: number): number => find(rows, name, section, 'mean');
    const shorter = sections.filter(
      (section) => mean('kmap_atomic', section) < mean('kmap_atomic, RT', section),
    );
    const last = shorter.at(-1);
    return {
      verdict: !adds ? 'does not hold' : rt === 0 ? 'holds' : 'holds in part',
      because: `Without PREEMPT_RT a section of ${String(long)} cycles adds up to ${worst('kmap_atomic', long).toFixed(0)}. With it, as with kmap_local, the CPU may be taken, but not for nothing: clearing and flushing the map adds ${rt.toFixed(0)} cycles${whatever}. ${last === undefined ? 'Disabling preemption never adds less on average.' : `On average disabling preemption adds less for sections of up to ${String(last)} cycles (${mean('kmap_atomic', last).toFixed(0)} against ${mean('kmap_atomic, RT', last).toFixed(0)}).`}`,
      answer: `Up to ${worst('kmap_atomic', long).toFixed(0)} cycles later for a section of ${String(long)} under kmap_atomic without PREEMPT_RT, and up to ${rt.toFixed(0)} with PREEMPT_RT or kmap_local_page${whatever}.`,
      figure: { name: 'a map adds to the latency with RT (cycles)', value: rt },
    };
  },
  chart: (rows) => ({
    kind: 'lines',
    title: 'The latency that a mapped page adds for an urgent task',
    subtitle: 'worst of many wake-ups at random moments; modelled cycles above a switch without maps',
    x: { title: 'work while the page is mapped (cycles)', scale: 'log' },
    y: { title: 'added latency, worst case (cycles)', scale: 'log' },
    series: DESIGNS.filter(({ name }) => name !== 'kmap_local').map(({ name, preemptRt }) => ({
      name: preemptRt ? 'RT, or kmap_local' : name,
      points: SECTIONS.map((section) => [section, find(rows, name, section, 'worst')] as const),
    })),
  }),
});
