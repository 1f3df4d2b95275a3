/**
 * One flush of everything when the pool wraps, against the flush of a single page: the question of 2020.
 */
import type { LedgerCounts } from '../../machine/ledger.ts';
import { createMachine } from '../../kernel/core/create-machine.ts';
import { runAlone } from '../../kernel/core/run-alone.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import { kmap, kunmap } from '../../kernel/highmem/kmap.ts';
import { difference, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const POOLS = [16, 64, 256, 1024] as const;
const REUSES = [0, 90, 99] as const;

type Design = 'pool, all' | 'pool, one page' | 'local';

interface Measured {
  readonly design: Design;
  readonly slots: number;
  readonly reuse: number;
  readonly counts: LedgerCounts;
  /** Accesses that found no translation in the TLB. */
  readonly refills: number;
}

interface Env {
  readonly parameters: { readonly maps: number; readonly cpus: number; readonly hot: number };
  readonly random: (below: number) => number;
}

/** One task maps pages, reads a byte of each, and unmaps; some of the pages are hot ones, which come again and again. */
function measure(design: Design, slots: number, reuse: number, env: Env): Measured {
  const { maps, cpus, hot } = env.parameters;
  const cold = 2 * Math.max(...POOLS);
  const machine = createMachine({
    cpus,
    pkmapSlots: slots,
    pkmapFlush: design === 'pool, one page' ? 'single' : 'all',
    highmemPages: hot + cold,
    lowmemPages: 16,
    callSites: false,
  });
  const task = machine.task('mapper');
  machine.enter(task);
  const pages = machine.allocPages(hot + cold, { zone: 'highmem' });
  const { tlb } = task.cpu;
  const before = machine.ledger;
  let refills = 0;
  let fresh = 0;
  for (let n = 0; n < maps; n += 1) {
    const isHot = env.random(100) < reuse;
    const page = pages[isHot ? env.random(hot) : hot + (fresh % cold)];
    if (page === undefined) continue;
    if (!isHot) fresh += 1;
    const window = design === 'local' ? kmapLocalPage(task, page) : runAlone(task, kmap(task, page));
    if (tlb.lookup(window.vaddr) === undefined) refills += 1;
    window.load8(0);
    if (design === 'local') kunmapLocal(task, window);
    else kunmap(task, window);
  }
  return {
    design,
    slots: design === 'local' ? 0 : slots,
    reuse,
    counts: difference(before, machine.ledger),
    refills,
  };
}

function rowOf({ design, slots, reuse, counts, refills }: Measured, cycles: Cycles, maps: number): Row {
  // A pass over one page drops one page on each CPU; the ledger does not say how much a global flush dropped.
  const flush = design === 'pool, one page' ? 'localFlush' : 'globalFlush';
  const flushes = counts.flushesGlobal === 0 ? 0 : counts.flushesGlobal * cycles(flush);
  const sum = weigh({ ...counts, flushesGlobal: 0 }, cycles) + flushes + refills * cycles('tlbRefill');
  return {
    design,
    slots: design === 'local' ? '-' : String(slots),
    reuse,
    local: (1000 * counts.flushesLocal) / maps,
    global: (1000 * counts.flushesGlobal) / maps,
    ipis: (1000 * counts.ipis) / maps,
    ptes: (1000 * counts.pteWrites) / maps,
    refills: (1000 * refills) / maps,
    cycles: sum / maps,
  };
}

function find(rows: readonly Row[], design: Design, slots: number, reuse: number): number {
  const row = rows.find(
    (one) =>
      one['design'] === design &&
      one['reuse'] === reuse &&
      (design === 'local' || one['slots'] === String(slots)),
  );
  return Number(row?.['cycles'] ?? NaN);
}

/** Batched flush against single-page flush. */
export const flushExperiment: Experiment = defineExperiment({
  name: 'flush',
  question: 'Is it better to flush one page at each unmap, or every unused slot at once when the pool wraps?',
  thread: {
    says: 'So I wonder if the single-page TLB flush isn’t a better model',
    by: 'Linus Torvalds on kmap_local against kmap, linux-kernel, 19 September 2020',
  },
  hypothesis:
    'The flush of a single page, as kmap_local does it, costs less than the batched flush of the pool, whatever the size of the pool and the reuse of pages.',
  method:
    'One task maps pages, reads a byte of each and unmaps it; hot pages come again, cold ones do not. Three designs: the pool of kmap, which flushes all unused slots on every CPU when its search wraps; the same pool, which frees and flushes one page then, on every CPU; and kmap_local, which flushes one page on its own CPU at each unmap. The ledger counts, and each access that finds no translation in the simulated TLB counts as a refill.',
  doesNotShow: [
    'the lock of the pool with several CPUs: see the experiment cpus',
    'interrupts that reach several CPUs at the same time: here each costs its own cycles (see the constant ipi)',
    'translations that a real TLB drops because it is full: the simulated one has no limit',
    'the cost to other programs whose translations a flush of everything drops, if it drops them: x86 flushes page by page up to 33 pages, and everything for more',
  ],
  parameters: {
    maps: {
      default: 8192,
      meaning: 'pairs of map and unmap of each run',
      unit: 'pairs',
      least: 256,
      most: 1_000_000,
    },
    cpus: { default: 4, meaning: 'CPUs that a global flush has to reach', unit: 'CPUs', least: 1, most: 64 },
    hot: { default: 8, meaning: 'hot pages', unit: 'pages', least: 1, most: 64 },
  },
  smoke: { maps: 512 },
  columns: [
    {
      key: 'design',
      title: 'design',
      meaning:
        '*pool, all*: kmap; *pool, one page*: the same pool, which flushes one page; *local*: kmap_local',
    },
    { key: 'slots', title: 'slots', meaning: 'slots of the pool' },
    { key: 'reuse', title: 'reuse', unit: '%', meaning: 'share of maps that are of the hot pages' },
    {
      key: 'local',
      title: 'local',
      unit: '/1000',
      meaning: 'flushes of one page on the own CPU, in a thousand pairs',
      digits: 0,
    },
    { key: 'global', title: 'global', unit: '/1000', meaning: 'flushes on all CPUs, in a thousand pairs' },
    { key: 'ipis', title: 'IPIs', unit: '/1000', meaning: 'interrupts to other CPUs, in a thousand pairs' },
    {
      key: 'ptes',
      title: 'PTEs',
      unit: '/1000',
      meaning: 'writes of page-table entries, in a thousand pairs',
      digits: 0,
    },
    {
      key: 'refills',
      title: 'refills',
      unit: '/1000',
      meaning: 'accesses that found no translation, in a thousand pairs',
      digits: 0,
    },
    { key: 'cycles', title: 'pair', unit: 'cycles', digits: 0 },
  ],
  run: (env) =>
    REUSES.flatMap((reuse) => [
      ...POOLS.flatMap((slots) =>
        (['pool, all', 'pool, one page'] as const).map((design) => measure(design, slots, reuse, env)),
      ),
      measure('local', 16, reuse, env),
    ]),
  rows: (measured, cycles, { maps }) => measured.map((one) => rowOf(one, cycles, maps)),
  conclude: (rows, { cpus }) => {
    const cases = REUSES.flatMap((reuse) => POOLS.map((slots) => ({ reuse, slots })));
    const wins = cases.filter(
      ({ reuse, slots }) => find(rows, 'local', slots, reuse) < find(rows, 'pool, all', slots, reuse),
    );
    const ratio = find(rows, 'local', 1024, 0) / find(rows, 'pool, all', 1024, 0);
    const single = find(rows, 'pool, one page', 1024, 0) / find(rows, 'pool, all', 1024, 0);
    const text = (slots: number, reuse: number): string =>
      `${find(rows, 'local', slots, reuse).toFixed(0)} against ${find(rows, 'pool, all', slots, reuse).toFixed(0)} cycles with ${String(slots)} slots and ${String(reuse)} % reuse`;
    return {
      verdict: wins.length === cases.length ? 'holds' : wins.length === 0 ? 'does not hold' : 'holds in part',
      because: `On ${String(cpus)} CPUs and without contention for the lock, the local flush wins in ${String(wins.length)} of ${String(cases.length)} cases: ${text(16, 0)}; ${text(1024, 0)}; ${text(16, 99)}. To flush single pages inside the pool costs ${single.toFixed(0)} times the batch (1024 slots, no reuse), because each is still flushed on every CPU.`,
      answer: `Without contention for the lock, flushing one page at each unmap wins in ${String(wins.length)} of ${String(cases.length)} cases of pool size and reuse; with 1024 slots and no reuse it takes ${ratio.toFixed(2)} times the cycles of flushing all slots at once.`,
      figure: { name: 'local over batch (1024 slots, no reuse)', value: ratio },
    };
  },
  chart: (rows, { cpus }) => ({
    kind: 'lines',
    title: 'Batched flush against single-page flush',
    subtitle: `no page is mapped twice, ${String(cpus)} CPUs, no contention for the lock; modelled cycles`,
    x: { title: 'slots of the pool', scale: 'log' },
    y: { title: 'a pair of map and unmap (cycles)', scale: 'log' },
    series: [
      ...(['pool, one page', 'pool, all'] as const).map((design) => ({
        name: design,
        points: POOLS.map((slots) => [slots, find(rows, design, slots, 0)] as const),
      })),
      {
        name: 'kmap_local',
        points: POOLS.map((slots) => [slots, find(rows, 'local', slots, 0)] as const),
      },
      {
        name: 'pool, all, 99 % reuse',
        dashed: true,
        colour: 1,
        points: POOLS.map((slots) => [slots, find(rows, 'pool, all', slots, 99)] as const),
      },
    ],
  }),
});
