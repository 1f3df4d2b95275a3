/**
 * Protection keys for kernel pages: the check inline or in a function, grants that nest or not.
 */
import { createMachine } from '../../kernel/core/create-machine.ts';
import type { Task } from '../../kernel/core/machine.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { Page } from '../../machine/memory.ts';
import { ViolationError } from '../../machine/violation.ts';
import { difference, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

/** Which of the pages are memory of a device, and whether their key is used. */
const CASES = [
  { name: 'no device memory', device: 0, key: 0 },
  { name: 'half device, no key', device: 50, key: 0 },
  { name: 'all device, no key', device: 100, key: 0 },
  { name: 'half protected', device: 50, key: 50 },
  { name: 'all protected', device: 100, key: 100 },
] as const;
type Case = (typeof CASES)[number];

interface Counted {
  readonly counts: LedgerCounts;
  /** Accesses that were refused because another grant had been taken back. */
  readonly refused: number;
}

interface Measured {
  readonly of: Case;
  readonly copies: number;
  /** Maps and unmaps of pages of a device, which have to look at their flags. */
  readonly deviceCalls: number;
  readonly nested: Counted;
  readonly flat: Counted;
}

interface Env {
  readonly parameters: { readonly copies: number };
  readonly random: (below: number) => number;
}

/** The grants of a design without a count: each grant and each revocation writes the register. */
class FlatGrants {
  readonly task: Task;

  constructor(task: Task) {
    this.task = task;
  }

  map(page: Page): RamWindow {
    if (page.kind === 'protected') this.task.keyGrants = 0;
    return kmapLocalPage(this.task, page);
  }

  unmap(window: RamWindow): void {
    if (window.page.kind === 'protected') this.task.keyGrants = 1;
    kunmapLocal(this.task, window);
  }
}

/**
 * Copies a page to another with both mapped, as copy_highpage does; then reads the source once more. Returns whether
 * that was allowed.
 */
function copy(task: Task, from: Page, to: Page, flat: FlatGrants | undefined): boolean {
  const map = (page: Page): RamWindow => flat?.map(page) ?? kmapLocalPage(task, page);
  const unmap = (window: RamWindow): void => {
    if (flat === undefined) kunmapLocal(task, window);
    else flat.unmap(window);
  };
  const source = map(from);
  const target = map(to);
  target.copyFrom(source.bytes);
  unmap(target);
  const isAllowed = mayRead(source);
  unmap(source);
  return isAllowed;
}

function mayRead(window: RamWindow): boolean {
  try {
    window.load8(0);
    return true;
  } catch (error) {
    if (error instanceof ViolationError && error.violation.rule === 'protected-access') return false;
    throw error;
  }
}

function measure(of: Case, env: Env): Measured {
  const { copies } = env.parameters;
  const machine = createMachine({
    highmem: false,
    highmemPages: 0,
    lowmemPages: 64,
    protectedPages: 64,
    callSites: false,
  });
  const plain = machine.allocPages(32, { zone: 'lowmem' });
  const keyed = machine.allocPages(32, { zone: 'protected' });
  const draw = (): { readonly page: Page; readonly isDevice: boolean } => {
    const isDevice = env.random(100) < of.device;
    const page = (isDevice && of.key > 0 ? keyed : plain)[env.random(32)];
    if (page === undefined) throw new RangeError('no page');
    return { page, isDevice };
  };
  const jobs = Array.from({ length: copies }, () => [draw(), draw()] as const);
  const run = (isFlat: boolean): Counted => {
    const task = machine.task('copier');
    machine.enter(task);
    const flat = isFlat ? new FlatGrants(task) : undefined;
    const before = machine.ledger;
    let refused = 0;
    for (const [from, to] of jobs) if (!copy(task, from.page, to.page, flat)) refused += 1;
    return { counts: difference(before, machine.ledger), refused };
  };
  return {
    of,
    copies,
    deviceCalls: 2 * jobs.flat().filter(({ isDevice }) => isDevice).length,
    nested: run(false),
    flat: run(true),
  };
}

function rowOf({ of, copies, deviceCalls, nested, flat }: Measured, cycles: Cycles): Row {
  const calls = nested.counts.maps + nested.counts.unmaps;
  const bytes = copies * 4096 * cycles('byteCopy');
  const work = weigh({ maps: nested.counts.maps, unmaps: nested.counts.unmaps }, cycles) + bytes;
  // Whether a page is memory of a device is looked at inline in both designs; only then are its flags looked at.
  const first = calls * cycles('check');
  const inline = deviceCalls === 0 ? 0 : deviceCalls * cycles('check');
  const outOfLine = inline + (deviceCalls === 0 ? 0 : deviceCalls * cycles('call'));
  const key = ({ counts }: Counted): number => weigh({ keySwitches: counts.keySwitches }, cycles);
  const base = work / copies;
  const with_ = (checks: number, keys: number): number => (100 * (first + checks + keys)) / work;
  return {
    case: of.name,
    nestedWrites: nested.counts.keySwitches / copies,
    flatWrites: flat.counts.keySwitches / copies,
    refused: (100 * flat.refused) / copies,
    base,
    inline: with_(inline, key(nested)),
    outOfLine: with_(outOfLine, key(nested)),
    flat: with_(inline, key(flat)),
  };
}

/** Protection keys: inline, out of line, none; grants nested or not. */
export const pksExperiment: Experiment = defineExperiment({
  name: 'pks',
  question:
    'What do protection keys add to a page copy: with the check inline or out of line, with grants that nest or not?',
  thread: {
    says: 'Do you think the extra run time overhead is a reasonable trade off to eliminating the header?',
    by: 'Ira Weiny on moving the check out of line, linux-mm, 17 May 2022; he had placed it inline for speed',
  },
  hypothesis:
    'To move the check out of line costs little: it adds less than 5 % to the copy of a page, even if every page is memory of a device.',
  method:
    'A task copies pages with source and target mapped at the same time, and reads the source once more after the target is unmapped. Pages are system memory, memory of a device, or memory of a device that is protected by a key. The ledger counts maps and writes of the key register. Nested grants are counted, and only the first and the last one writes the register, as in version 10 of the series; flat grants write it each time. Every map and unmap looks at the page inline; for memory of a device a second look follows, inline or after a call.',
  doesNotShow: [
    'the size of the code, which the thread measured: 11386 bytes of text inline, 8267 out of line',
    'what the inlined code costs in the instruction cache',
    'the save and restore of the register at exceptions and context switches',
    'a page copy from cold memory, which takes several times as long and makes every share smaller',
  ],
  parameters: {
    copies: { default: 500, meaning: 'page copies of each case', unit: 'copies', least: 16, most: 1_000_000 },
  },
  smoke: { copies: 24 },
  columns: [
    { key: 'case', title: 'pages' },
    { key: 'base', title: 'copy', unit: 'cycles', meaning: 'a page copy without protection keys', digits: 0 },
    {
      key: 'nestedWrites',
      title: 'writes',
      unit: 'nested',
      meaning: 'writes of the key register in each copy, if grants nest, and if they do not (flat)',
    },
    { key: 'flatWrites', title: 'writes', unit: 'flat' },
    {
      key: 'refused',
      title: 'refused',
      unit: 'flat, %',
      meaning: 'copies that are refused the access to their source, if grants do not nest',
    },
    {
      key: 'inline',
      title: 'inline',
      unit: '+%',
      meaning: 'what is added with the check inline and nested grants',
    },
    {
      key: 'outOfLine',
      title: 'call',
      unit: '+%',
      meaning: 'what is added with the check in a function and nested grants',
    },
    {
      key: 'flat',
      title: 'flat',
      unit: '+%',
      meaning: 'what is added with the check inline and flat grants',
    },
  ],
  run: (env) => CASES.map((of) => measure(of, env)),
  rows: (measured, cycles) => measured.map((one) => rowOf(one, cycles)),
  conclude: (rows) => {
    const row = (name: Case['name']): Row => rows.find((one) => one['case'] === name) ?? {};
    const extra = (of: Row): number => Number(of['outOfLine']) - Number(of['inline']);
    const [plain, all] = [row('all device, no key'), row('all protected')];
    const value = extra(plain);
    const most = Math.max(...rows.map(extra));
    return {
      verdict: most < 5 ? 'holds' : rows.every((one) => extra(one) >= 5) ? 'does not hold' : 'holds in part',
      because: `The call adds ${value.toFixed(1)} % to the copy of a page of a device without a key and ${extra(all).toFixed(1)} % with one; the inline check and the key together add ${Number(all['inline']).toFixed(0)} % if grants nest and ${Number(all['flat']).toFixed(0)} % if they do not (${Number(all['nestedWrites']).toFixed(0)} and ${Number(all['flatWrites']).toFixed(0)} writes of the register). Flat grants also take the key away from the outer map: ${Number(all['refused']).toFixed(0)} % of the copies are then refused the access to their source.`,
      answer: `A call adds ${value.toFixed(1)} % to the copy of a page of a device; the check and the key together add ${Number(all['inline']).toFixed(0)} % if grants nest and ${Number(all['flat']).toFixed(0)} % if they do not.`,
      figure: { name: 'out of line adds to a page copy (%)', value },
    };
  },
  chart: (rows) => ({
    kind: 'bars',
    title: 'What protection keys add to the copy of a page',
    subtitle: 'source and target mapped at once; modelled cycles over those without keys',
    x: { title: 'more cycles than without protection keys (%)' },
    bars: rows.flatMap((row) => [
      { name: String(row['case']), part: 'inline, nested grants', value: Number(row['inline']) },
      { name: String(row['case']), part: 'out of line, nested grants', value: Number(row['outOfLine']) },
      { name: String(row['case']), part: 'inline, flat grants', value: Number(row['flat']) },
    ]),
  }),
});
