/**
 * What it costs to be preempted while local maps are held: the question of 2022.
 */
import { createMachine } from '../../kernel/core/create-machine.ts';
import { runAlone } from '../../kernel/core/run-alone.ts';
import type { Machine, Task } from '../../kernel/core/machine.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import { kmap, kunmap } from '../../kernel/highmem/kmap.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { Page } from '../../machine/memory.ts';
import { difference, together, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const HELD = [0, 1, 2, 4, 8, 15] as const;
const DESIGNS = ['kmap_local', 'kmap'] as const;
type Design = (typeof DESIGNS)[number];

interface Measured {
  readonly design: Design;
  readonly held: number;
  /** To make the maps and release them. */
  readonly maps: LedgerCounts;
  /** For all preemptions: from the task and back. */
  readonly preemptions: LedgerCounts;
  readonly count: number;
  /** Maps whose translation is no longer in the TLB after a preemption. */
  readonly refills: number;
  /** Bytes that were wrong after the task had been preempted and had gone on. */
  readonly wrong: number;
}

interface Env {
  readonly parameters: { readonly preemptions: number };
  readonly random: (below: number) => number;
}

function mapOf(design: Design, task: Task, page: Page): RamWindow {
  return design === 'kmap' ? runAlone(task, kmap(task, page)) : kmapLocalPage(task, page);
}

/** A task writes through its maps, is preempted by one that maps pages of its own, and goes on writing. */
function measure(design: Design, held: number, env: Env): Measured {
  const machine: Machine = createMachine({ cpus: 1, highmemPages: 64, lowmemPages: 16, callSites: false });
  const task = machine.task('decompress');
  const other = machine.task('other');
  const pages = machine.allocPages(Math.max(held, 1), { zone: 'highmem' });
  const othersPage = machine.allocPage({ zone: 'highmem' });
  machine.enter(task);
  const start = machine.ledger;
  const windows = pages.slice(0, held).map((page) => mapOf(design, task, page));
  const mapped = machine.ledger;
  const expected = windows.map(() => new Uint8Array(machine.pageSize));
  const { preemptions } = env.parameters;
  let refills = 0;
  for (let n = 0; n < preemptions; n += 1) {
    for (const [i, window] of windows.entries()) {
      const at = env.random(machine.pageSize);
      window.store8(at, n & 0xff);
      const bytes = expected[i];
      if (bytes !== undefined) bytes[at] = n & 0xff;
    }
    machine.schedule(other);
    machine.schedule(task);
    for (const { vaddr } of windows) if (task.cpu.tlb.lookup(vaddr) === undefined) refills += 1;
  }
  const preempted = machine.ledger;
  // Once more, with a neighbour that takes the same slots; what it does is not counted.
  machine.schedule(other);
  const foreign = kmapLocalPage(other, othersPage);
  foreign.fill(0xee);
  machine.schedule(task);
  const wrong = windows.reduce(
    (sum, window, i) =>
      sum + window.bytes.reduce((bad, byte, at) => bad + (byte === expected[i]?.[at] ? 0 : 1), 0),
    0,
  );
  machine.schedule(other);
  kunmapLocal(other, foreign);
  machine.schedule(task);
  const beforeUnmap = machine.ledger;
  for (const window of windows.toReversed()) {
    if (design === 'kmap') kunmap(task, window);
    else kunmapLocal(task, window);
  }
  const released = difference(beforeUnmap, machine.ledger);
  const made = difference(start, mapped);
  return {
    design,
    held,
    maps: together([made, released]),
    preemptions: difference(mapped, preempted),
    count: preemptions,
    refills,
    wrong,
  };
}

function rowOf(one: Measured, cycles: Cycles): Row {
  const { contextSwitches } = one.preemptions;
  const refill = one.refills === 0 ? 0 : one.refills * cycles('tlbRefill');
  const all = (weigh(one.preemptions, cycles) + refill) / one.count;
  const bare = weigh({ contextSwitches }, cycles) / one.count;
  return {
    held: one.held,
    design: one.design,
    ptes: one.preemptions.pteWrites / one.count,
    flushes: one.preemptions.flushesLocal / one.count,
    maps: weigh(one.maps, cycles),
    preemption: all,
    extra: all - bare,
    percent: bare === 0 ? 0 : (100 * (all - bare)) / bare,
    wrong: one.wrong,
  };
}

const find = (rows: readonly Row[], design: Design, held: number): Row =>
  rows.find((row) => row['design'] === design && row['held'] === held) ?? {};

/** Context switches with local maps. */
export const contextSwitchExperiment: Experiment = defineExperiment({
  name: 'context-switch',
  question: 'What happens, and what does it cost, if a task is preempted while it holds local maps?',
  thread: {
    says: 'So, what if we get a preemption during decompression here? What happens?',
    by: 'Luis Chamberlain, linux-kernel, 18 July 2022; the reply quotes the commit of kmap_local: “That’s obviously slow, but highmem is slow anyway”',
  },
  hypothesis: 'To switch with maps is slow: one held map adds at least a tenth to a preemption.',
  method:
    'A task holds some maps and writes through them. It is preempted again and again, and goes on each time. The machine clears the entries of its maps and flushes their addresses when it leaves, and sets them when it returns; the ledger counts, and each map whose translation is then no longer in the simulated TLB counts as a refill. Once another task maps its own page in the same slot meanwhile. At the end every byte is compared. kmap, whose maps stay in the page table, is beside it.',
  doesNotShow: [
    'what the switch itself drops from the caches and the TLB, which both designs have',
    'tasks that would migrate if a local map did not keep them on their CPU',
    'how often a task is really preempted while it holds a map',
  ],
  parameters: {
    preemptions: {
      default: 200,
      meaning: 'preemptions of each run',
      unit: 'preemptions',
      least: 1,
      most: 100_000,
    },
  },
  smoke: { preemptions: 10 },
  columns: [
    { key: 'held', title: 'maps', meaning: 'maps that the task holds' },
    { key: 'design', title: 'design' },
    {
      key: 'ptes',
      title: 'PTEs',
      unit: '/preempt',
      meaning: 'writes of page-table entries in each preemption',
    },
    { key: 'flushes', title: 'flushes', unit: '/preempt', meaning: 'flushes of one page in each preemption' },
    {
      key: 'maps',
      title: 'map+unmap',
      unit: 'cycles',
      meaning: 'to make and release the maps, once',
      digits: 0,
    },
    {
      key: 'preemption',
      title: 'preemption',
      unit: 'cycles',
      meaning: 'from the task and back to it, with the refills of its maps',
      digits: 0,
    },
    { key: 'percent', title: 'extra', unit: '%', meaning: 'over a preemption without maps' },
    { key: 'wrong', title: 'wrong', unit: 'bytes', meaning: 'bytes that are not what the task wrote' },
  ],
  run: (env) => HELD.flatMap((held) => DESIGNS.map((design) => measure(design, held, env))),
  rows: (measured, cycles) => measured.map((one) => rowOf(one, cycles)),
  conclude: (rows) => {
    const percent = (held: number): number => Number(find(rows, 'kmap_local', held)['percent']);
    const [one, all] = [find(rows, 'kmap_local', 1), find(rows, 'kmap', 1)];
    const wrong = rows.reduce((sum, row) => sum + Number(row['wrong']), 0);
    const breakEven = (Number(all['maps']) - Number(one['maps'])) / Number(one['extra']);
    const value = percent(1);
    return {
      verdict: value >= 10 ? 'holds' : percent(15) >= 10 ? 'holds in part' : 'does not hold',
      because: `${wrong === 0 ? 'No byte is wrong afterwards' : `${String(wrong)} bytes are wrong afterwards`}. One map adds ${value.toFixed(1)} % to a preemption (${Number(one['extra']).toFixed(0)} cycles, ${String(one['ptes'])} page-table writes and ${String(one['flushes'])} flush), 15 maps ${percent(15).toFixed(0)} %. ${breakEven > 0 ? `kmap becomes cheaper than kmap_local if a map is preempted ${breakEven.toFixed(1)} times.` : 'A pair of kmap with a free slot is cheaper to begin with, on one CPU.'}`,
      answer: `${wrong === 0 ? 'No byte is wrong afterwards' : `${String(wrong)} bytes are wrong afterwards`}; one map adds ${value.toFixed(1)} % to a preemption, and 15 maps add ${percent(15).toFixed(0)} %.`,
      figure: { name: 'one map adds to a preemption (%)', value },
    };
  },
  chart: (rows) => ({
    kind: 'lines',
    title: 'A preemption while maps are held',
    subtitle: 'from the task and back to it; modelled cycles',
    x: { title: 'maps that the task holds' },
    y: { title: 'a preemption, there and back (cycles)' },
    series: DESIGNS.map((design) => ({
      name: design,
      points: HELD.map((held) => [held, Number(find(rows, design, held)['preemption'])] as const),
    })),
  }),
});
