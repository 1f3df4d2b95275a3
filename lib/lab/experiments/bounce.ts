/**
 * Bounce buffers for device memory: what is filled, what is written back, and how large the pool is.
 */
import { iomemBounce } from '../../../backends/iomem-bounce.ts';
import { createMachine } from '../../kernel/core/create-machine.ts';
import { BouncePool } from '../../kernel/device/bounce-pool.ts';
import { BounceWindow } from '../../kernel/device/bounce.ts';
import type { BouncePolicy } from '../../kernel/device/bounce.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { DirectMapping } from '../../mapping/mapping.ts';
import { difference, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const PREFILLS = ['copy', 'zero', 'none'] as const;
const WRITE_BACKS = ['all', 'touched', 'length'] as const;
/** Pools of these sizes, in the number of buffers of one page that fit; the first one holds all that are in flight. */
const POOLS = [8, 4, 2] as const;
const PAGES = 8;

interface Measured {
  readonly policy: Pick<BouncePolicy, 'prefill' | 'writeBack'>;
  readonly buffers: number;
  readonly jobs: number;
  readonly refused: number;
  readonly needed: number;
  readonly wrongReads: number;
  readonly wrongBytes: number;
  readonly counts: LedgerCounts;
}

/** A job reads some bytes of a page of the device, or writes some; the rest of the page belongs to others. */
interface Job {
  readonly page: number;
  readonly at: number;
  readonly length: number;
  readonly isWrite: boolean;
}

interface Env {
  readonly parameters: {
    readonly jobs: number;
    readonly bytes: number;
    readonly writes: number;
    readonly flight: number;
  };
  readonly random: (below: number) => number;
}

/** Runs the jobs over one policy; several are in flight at a time, each on another page. */
function measure(
  prefill: BouncePolicy['prefill'],
  writeBack: BouncePolicy['writeBack'],
  buffers: number,
  env: Env,
  jobs: readonly Job[],
): Measured {
  const { flight } = env.parameters;
  const machine = createMachine({
    mode: 'direct',
    lowmemPages: 64,
    highmemPages: 0,
    bounceSlots: (buffers * 4096) / LIMITS.bounceSlotBytes,
  });
  const task = machine.task('driver');
  machine.enter(task);
  const pages = machine.ioRegion(PAGES);
  const expected = pages.map((page, n) =>
    machine
      .physical(page)
      .fill(n + 1)
      .slice(),
  );
  const pool = new BouncePool(machine);
  const backend = iomemBounce(task, { prefill, writeBack, pool });
  const before = machine.ledger;
  let [refused, needed, wrongReads] = [0, 0, 0];
  const inFlight: { readonly mapping: DirectMapping; readonly job: Job }[] = [];
  const finish = (): void => {
    const next = inFlight.shift();
    if (next === undefined) return;
    const { mapping, job } = next;
    const truth = expected[job.page] ?? new Uint8Array(4096);
    const bytes = mapping.bytes.subarray(job.at, job.at + job.length);
    if (job.isWrite) {
      const value = 100 + (job.at % 100);
      bytes.fill(value);
      truth.fill(value, job.at, job.at + job.length);
    } else for (const [n, byte] of bytes.entries()) if (byte !== truth[job.at + n]) wrongReads += 1;
    // QEMU's caller says how many bytes from the beginning it wrote.
    if (mapping instanceof BounceWindow) mapping.accessedBytes = job.isWrite ? job.at + job.length : 0;
    needed += job.length;
    backend.unmap(mapping);
  };
  for (const job of jobs) {
    while (inFlight.length >= flight || inFlight.some((other) => other.job.page === job.page)) finish();
    const page = pages[job.page];
    if (page === undefined) continue;
    const mapped = backend.map(page, 0, 4096);
    if (mapped.ok) inFlight.push({ mapping: mapped.value, job });
    else refused += 1;
  }
  while (inFlight.length > 0) finish();
  const wrongBytes = pages.reduce((sum, page, n) => {
    const truth = expected[n] ?? new Uint8Array(4096);
    return sum + machine.physical(page).reduce((wrong, byte, at) => wrong + (byte === truth[at] ? 0 : 1), 0);
  }, 0);
  return {
    policy: { prefill, writeBack },
    buffers,
    jobs: jobs.length,
    refused,
    needed,
    wrongReads,
    wrongBytes,
    counts: difference(before, machine.ledger),
  };
}

function rowOf(one: Measured, cycles: Cycles): Row {
  const done = one.jobs - one.refused;
  return {
    prefill: one.policy.prefill,
    writeBack: one.policy.writeBack,
    pool: one.buffers,
    moved: one.counts.bytesBounced / one.needed,
    wrongReads: one.wrongReads,
    wrongBytes: one.wrongBytes,
    refused: (100 * one.refused) / one.jobs,
    cycles: weigh(one.counts, cycles) / done,
  };
}

const isRight = (row: Row): boolean => row['wrongReads'] === 0 && row['wrongBytes'] === 0;

const FILLED: Readonly<Record<string, string>> = {
  copy: 'filled',
  zero: 'zeros',
  none: 'not filled',
};
const BACK: Readonly<Record<string, string>> = {
  all: 'all back',
  touched: 'changed back',
  length: 'back to the last',
};
const nameOf = ({ prefill = '', writeBack = '' }: Row): string =>
  `${FILLED[prefill] ?? ''}, ${BACK[writeBack] ?? ''}`;

/** Bounce policies. */
export const bounceExperiment: Experiment = defineExperiment({
  name: 'bounce',
  question:
    'What must a bounce buffer for device memory fill and write back, and what does it move that is not needed?',
  thread: {
    says: 'may either have to fail to create the mapping or allocate memory as a bounce buffer which itself can fail',
    by: 'Logan Gunthorpe on lists with device memory, linux-kernel, 25 April 2017',
  },
  hypothesis:
    'Only a buffer that is filled from the device and written back whole, as swiotlb does it, keeps all bytes right.',
  method:
    'A driver maps pages of device memory through a pool of bounce buffers and reads or writes a few bytes of each; the other bytes of the page belong to others. Several maps are in flight at a time, on different pages. Every policy runs the same jobs on a machine of its own: filled from the device, with zeros or not at all; written back whole, where bytes changed, or up to the last byte that the driver says it touched. At the end the device memory is compared with what it should be. Pools that are smaller than the maps in flight refuse.',
  doesNotShow: [
    'two buffers for one page at the same time, of which a whole write-back would lose one',
    'devices whose registers change when they are read, for which filling from the device is wrong',
    'a device that writes the page meanwhile',
    'that writing what is changed finds changes by comparison: a zero written over a zero that was filled in is lost',
    'writes to a device, which are posted and cost less than reads: both are weighed as a read, which does not change the verdict',
    'what the driver does when it is refused: here it drops the job',
  ],
  parameters: {
    jobs: { default: 400, meaning: 'maps by each policy', unit: 'maps', least: 8, most: 100_000 },
    bytes: { default: 64, meaning: 'bytes that a job needs', unit: 'bytes', least: 1, most: 4096 },
    writes: { default: 50, meaning: 'jobs that write', unit: '%', least: 0, most: 100 },
    flight: { default: 6, meaning: 'maps in flight at a time', unit: 'maps', least: 1, most: 8 },
  },
  smoke: { jobs: 60 },
  columns: [
    {
      key: 'prefill',
      title: 'filled',
      meaning: 'what the buffer holds at first: a copy of the page, zeros, or what was there',
    },
    {
      key: 'writeBack',
      title: 'back',
      meaning:
        'what is written back: all, the bytes that changed, or from the start up to the last byte that was touched',
    },
    { key: 'pool', title: 'pool', unit: 'pages', meaning: 'buffers of a page that the pool has' },
    { key: 'moved', title: 'moved', unit: '/needed', meaning: 'bytes moved for each byte that a job needs' },
    {
      key: 'wrongReads',
      title: 'wrong',
      unit: 'read',
      meaning:
        'bytes that a job read and that were wrong; then bytes of the device that are wrong at the end',
    },
    { key: 'wrongBytes', title: 'wrong', unit: 'at end' },
    { key: 'refused', title: 'refused', unit: '%', meaning: 'maps that the pool refused' },
    { key: 'cycles', title: 'a map', unit: 'cycles', digits: 0 },
  ],
  run: (env) => {
    const { jobs, bytes, writes } = env.parameters;
    const all = Array.from({ length: jobs }, () => ({
      page: env.random(PAGES),
      at: env.random(4096 - bytes + 1),
      length: bytes,
      isWrite: env.random(100) < writes,
    }));
    return [
      ...PREFILLS.flatMap((prefill) =>
        WRITE_BACKS.map((writeBack) => measure(prefill, writeBack, POOLS[0], env, all)),
      ),
      ...POOLS.slice(1).map((buffers) => measure('copy', 'all', buffers, env, all)),
    ];
  },
  rows: (measured, cycles) => measured.map((one) => rowOf(one, cycles)),
  conclude: (rows) => {
    const policies = rows.filter((row) => row['pool'] === POOLS[0]);
    const right = policies.filter(isRight);
    const [swiotlb] = policies;
    const cheapest = [...right].sort((a, b) => Number(a['moved']) - Number(b['moved']))[0];
    const worst = [...policies].sort((a, b) => Number(b['wrongBytes']) - Number(a['wrongBytes']))[0];
    const moved = Number(swiotlb?.['moved']);
    const refused = rows
      .slice(policies.length)
      .map((row) => `${Number(row['refused']).toFixed(0)} % with ${String(row['pool'])} pages`);
    const isSwiotlbRight = swiotlb !== undefined && isRight(swiotlb);
    return {
      verdict: !isSwiotlbRight ? 'does not hold' : right.length === 1 ? 'holds' : 'holds in part',
      because: `Of ${String(policies.length)} policies ${String(right.length)} keep${right.length === 1 ? 's' : ''} every byte right: ${right.map(nameOf).join('; ')}. That of swiotlb moves ${moved.toFixed(0)} bytes for each byte that is needed, the cheapest right one (${cheapest === undefined ? 'none' : nameOf(cheapest)}) ${Number(cheapest?.['moved']).toFixed(0)}. The worst leaves ${String(worst?.['wrongBytes'])} wrong bytes on the device (${worst === undefined ? 'none' : nameOf(worst)}). A pool that is too small refuses ${refused.join(', ')}.`,
      answer: `${String(right.length)} of ${String(policies.length)} policies keep every byte right (${right.map(nameOf).join('; ')}); that of swiotlb moves ${moved.toFixed(0)} bytes for each one that is needed, the cheapest right one ${Number(cheapest?.['moved']).toFixed(0)}.`,
      figure: { name: 'bytes moved per byte needed, as swiotlb', value: moved },
    };
  },
  chart: (rows, { bytes }) => ({
    kind: 'bars',
    title: 'Bytes moved by a bounce buffer for each byte that is needed',
    subtitle: `a job needs ${String(bytes)} bytes of a page; what the buffer holds at first, and what is written back`,
    x: { title: 'bytes moved per byte needed' },
    bars: rows
      .filter((row) => row['pool'] === POOLS[0])
      .map((row) => ({
        name: nameOf(row),
        value: Number(row['moved']),
        part: isRight(row) ? 'every byte right' : 'wrong bytes',
      })),
  }),
});
