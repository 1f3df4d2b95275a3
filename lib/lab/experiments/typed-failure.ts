/**
 * A map that may fail against one that must not: what survives if a page of a list is memory of a device. The dispute of
 * 2017.
 */
import { ioAccess } from '../../../backends/io-access.ts';
import { kmapLocal } from '../../../backends/kmap-local.ts';
import { hex } from '../../base/units.ts';
import { createMachine } from '../../kernel/core/create-machine.ts';
import type { Machine, Task } from '../../kernel/core/machine.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import type { Page } from '../../machine/memory.ts';
import type { DirectMapping } from '../../mapping/mapping.ts';
import { sgAllocTable } from '../../scatterlist/alloc/alloc-table.ts';
import { sgPcopyFromBuffer } from '../../scatterlist/copy/sg-copy.ts';
import { sgSetPage } from '../../scatterlist/list/entry.ts';
import type { SgEntry } from '../../scatterlist/list/sg-array.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import { sgMap, sgUnmap } from '../../scatterlist/map/sg-map.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const LENGTH = 512;
const EINVAL = 22;

type Kind = 'highmem' | 'iomem';

/** A request: a header in a page of the driver, and a list that a caller passed in, to be filled with data. */
interface Request {
  readonly header: Page<'highmem'>;
  readonly table: SgTable<Kind>;
  readonly entries: readonly SgEntry<Kind>[];
  readonly data: Uint8Array;
}

/** What the driver tells its caller. */
type End = 'done' | 'failed';
type Driver = (task: Task, request: Request) => End;

/** Stops the task, as BUG and a fault in the kernel do. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

const part = ({ data }: Request, entry: number): Uint8Array =>
  data.subarray(entry * LENGTH, (entry + 1) * LENGTH);

/** `sg_map` of 2017: an address or, where an address is expected, an error number. */
function sgMap2017(task: Task, entry: SgEntry<Kind>, mustNotFail: boolean): DirectMapping | number {
  const mapped = sgMap(entry, 0, kmapLocal(task));
  if (mapped.ok) return mapped.value;
  if (mustNotFail) throw new Stopped('BUG_ON: sg_map failed, and the caller said that it must not');
  return 2 ** 32 - EINVAL;
}

/**
 * Stores through what `sg_map` returned, without a check, and unmaps it. An error number is an address in the last page,
 * which Linux never maps, so that the store is a fault.
 */
function storeUnchecked(pointer: DirectMapping | number, bytes: Uint8Array): void {
  if (typeof pointer === 'number') throw new Stopped(`unable to handle page fault at ${hex(pointer)}`);
  pointer.copyFrom(bytes);
  sgUnmap(pointer);
}

/** The driver of the 2017 series: it holds a map of its header while it maps the entries. */
function withSgMap2017(mustNotFail: boolean): Driver {
  return (task, request) => {
    const header = kmapLocalPage(task, request.header);
    for (const [n, entry] of request.entries.entries())
      storeUnchecked(sgMap2017(task, entry, mustNotFail), part(request, n));
    kunmapLocal(task, header);
    return 'done';
  };
}

/** The driver with a typed result; `onFailure` is its error path, and `release` what it does with the header there. */
function withResult(
  onFailure: (task: Task, request: Request, entry: number) => boolean,
  releasesHeader = true,
): Driver {
  return (task, request) => {
    const header = kmapLocalPage(task, request.header);
    for (const [n, entry] of request.entries.entries()) {
      const mapped = sgMap(entry, 0, kmapLocal(task));
      if (mapped.ok) {
        mapped.value.copyFrom(part(request, n));
        sgUnmap(mapped.value);
      } else if (!onFailure(task, request, n)) {
        if (releasesHeader) kunmapLocal(task, header);
        return 'failed';
      }
    }
    kunmapLocal(task, header);
    return 'done';
  };
}

/** The map that is always given, as kmap gives it: a page of a device is then written with plain stores. */
const neverFails: Driver = (task, request) => {
  const header = kmapLocalPage(task, request.header);
  for (const [n, { page }] of request.entries.entries()) {
    if (page === null) continue;
    const window = kmapLocalPage(task, page);
    window.copyFrom(part(request, n));
    kunmapLocal(task, window);
  }
  kunmapLocal(task, header);
  return 'done';
};

const copyInstead = (task: Task, request: Request, entry: number): boolean =>
  sgPcopyFromBuffer(request.table, part(request, entry), ioAccess(task), entry * LENGTH).ok;

const DESIGNS: readonly (readonly [name: string, driver: Driver])[] = [
  ['never fails', neverFails],
  ['MUST_NOT_FAIL', withSgMap2017(true)],
  ['errno, unchecked', withSgMap2017(false)],
  ['typed, path leaks', withResult(() => false, false)],
  ['typed, fails', withResult(() => false)],
  ['typed, copies', withResult(copyInstead)],
];

/** What came of one run, in which one page of one list is memory of a device. */
interface Outcome {
  readonly right: number;
  readonly failed: number;
  /** Said to be done, with other bytes in the list than it should have. */
  readonly wrong: number;
  /** Not served, because the task had stopped. */
  readonly lost: number;
  readonly leaks: number;
  /** Plain loads and stores that reached the device. */
  readonly unsafe: number;
}

interface Env {
  readonly parameters: { readonly requests: number; readonly entries: number };
  readonly random: (below: number) => number;
}

/** Serves all requests; the page number `at` of all their pages is memory of a device. */
function serve(driver: Driver, at: number, env: Env): Outcome {
  const { requests, entries } = env.parameters;
  const machine = createMachine({
    highmemPages: requests * (entries + 1),
    lowmemPages: 16,
    onViolation: 'record',
    callSites: false,
  });
  const [device] = machine.ioRegion(1, { name: 'p2p' });
  const task = machine.task('driver');
  machine.enter(task);
  const all = Array.from({ length: requests }, (_, r): Request => {
    const made = sgAllocTable<Kind>(entries);
    if (!made.ok) throw new RangeError(made.error.code);
    const own = machine.allocPages(entries, { zone: 'highmem' });
    const list = [...made.value];
    for (const [n, entry] of list.entries()) {
      const page = r * entries + n === at ? device : own[n];
      if (page !== undefined) sgSetPage(entry, page, LENGTH);
    }
    return {
      header: machine.allocPage({ zone: 'highmem' }),
      table: made.value,
      entries: list,
      data: Uint8Array.from({ length: entries * LENGTH }, (_unused, n) => 1 + ((r + n) % 250)),
    };
  });
  let [right, failed, wrong, lost] = [0, 0, 0, 0];
  let isStopped = false;
  for (const request of all) {
    if (isStopped) {
      lost += 1;
      continue;
    }
    try {
      const end = driver(task, request);
      const isRight = request.entries.every(({ page }, n) => isFilled(machine, page, part(request, n)));
      if (end === 'failed') failed += 1;
      else if (isRight) right += 1;
      else wrong += 1;
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      isStopped = true;
      lost += 1;
    }
  }
  return {
    right,
    failed,
    wrong,
    lost,
    leaks: machine.liveMappings,
    unsafe: machine.violations.filter(({ rule }) => rule === 'iomem-plain-access').length,
  };
}

function isFilled(machine: Machine, page: Page | null, bytes: Uint8Array): boolean {
  if (page === null) return false;
  const memory = machine.physical(page);
  return bytes.every((byte, at) => memory[at] === byte);
}

interface Measured {
  readonly name: string;
  readonly runs: readonly Outcome[];
}

function rowOf({ name, runs }: Measured, requests: number): Row {
  const percent = (key: keyof Outcome): number =>
    (100 * runs.reduce((sum, run) => sum + run[key], 0)) / (runs.length * requests);
  const share = (holds: (run: Outcome) => boolean): number => (100 * runs.filter(holds).length) / runs.length;
  return {
    design: name,
    runs: runs.length,
    right: percent('right'),
    failed: percent('failed'),
    wrong: percent('wrong'),
    lost: percent('lost'),
    leaks: runs.reduce((sum, { leaks }) => sum + leaks, 0) / runs.length,
    unsafe: share(({ unsafe }) => unsafe > 0),
    sound: share(({ wrong, lost, leaks, unsafe }) => wrong + lost + leaks + unsafe === 0),
  };
}

const find = (rows: readonly Row[], design: string, key: string): number =>
  Number(rows.find((row) => row['design'] === design)?.[key] ?? NaN);

/** Typed failure against MUST_NOT_FAIL. */
export const typedFailureExperiment: Experiment = defineExperiment({
  name: 'typed-failure',
  question:
    'If a map can fail because a page is memory of a device: what survives it, with which way of failing?',
  thread: {
    says: 'Suddenly making things fail for your special case that normally don’t fail is a receipe for bugs',
    by: 'Christoph Hellwig on sg_map, linux-kernel, 27 April 2017; Logan Gunthorpe replied: “we either have to fail or we break iomem safety”',
  },
  hypothesis: 'A map that begins to fail is worse than one that never does: with it fewer runs end soundly.',
  method:
    'A driver serves requests; for each it holds a map of a header and fills the entries of a list. In each run one entry is memory of a device, and every entry of every request has its turn. Six drivers: one whose map is always given, as that of kmap; two on the sg_map of 2017, with MUST_NOT_FAIL and with an error number that is not checked; three with a typed result, of which one forgets the header in its error path, one fails the request, and one copies with accessors instead. A run is sound if no request ends with wrong bytes or is lost, no map leaks, and no plain store reaches the device. BUG and a fault in the kernel stop the task; its other requests are lost.',
  doesNotShow: [
    'how many callers would check: TypeScript refuses code that ignores the typed result, C does not',
    'how many requests a real task would lose: here the page of the device is as likely in each request of a task, so that a task which stops loses about half of them',
    'what a plain store does to a real device: on many it works, on some it is an exception',
    'a BUG in an interrupt or with a lock held, which takes down more than a task',
    'which of the error paths would be written with a mistake; one of the six has one on purpose',
  ],
  parameters: {
    requests: { default: 10, meaning: 'requests of each run', unit: 'requests', least: 1, most: 1000 },
    entries: { default: 4, meaning: 'entries of the list of a request', unit: 'entries', least: 1, most: 64 },
  },
  smoke: { requests: 3, entries: 2 },
  columns: [
    { key: 'design', title: 'driver' },
    { key: 'runs', title: 'runs' },
    { key: 'right', title: 'right', unit: '% req.', meaning: 'requests that end with the right bytes' },
    {
      key: 'failed',
      title: 'failed',
      unit: '% req.',
      meaning: 'requests that end with an error to the caller',
    },
    {
      key: 'wrong',
      title: 'wrong',
      unit: '% req.',
      meaning: 'requests that end with other bytes and no error',
    },
    {
      key: 'lost',
      title: 'lost',
      unit: '% req.',
      meaning: 'requests that do not end, because the task was stopped',
    },
    { key: 'leaks', title: 'leaks', unit: '/run', meaning: 'maps that are never released' },
    {
      key: 'unsafe',
      title: 'unsafe',
      unit: '% runs',
      meaning: 'runs in which a plain store reaches the device',
    },
    {
      key: 'sound',
      title: 'sound',
      unit: '% runs',
      meaning: 'runs with nothing wrong, lost, leaked or unsafe',
    },
  ],
  run: (env): readonly Measured[] =>
    DESIGNS.map(([name, driver]) => ({
      name,
      runs: Array.from({ length: env.parameters.requests * env.parameters.entries }, (_, at) =>
        serve(driver, at, env),
      ),
    })),
  rows: (measured, _cycles, { requests }) => measured.map((one) => rowOf(one, requests)),
  conclude: (rows) => {
    const never = find(rows, 'never fails', 'sound');
    const failing = rows.filter((row) => row['design'] !== 'never fails');
    const worse = failing.filter((row) => Number(row['sound']) < never);
    const better = failing.filter((row) => Number(row['sound']) > never);
    const value = find(rows, 'typed, fails', 'sound');
    const names = (of: readonly Row[]): string => of.map((row) => String(row['design'])).join('; ');
    return {
      verdict:
        better.length === 0 && worse.length > 0
          ? 'holds'
          : better.length === failing.length
            ? 'does not hold'
            : 'holds in part',
      because: `The map that never fails ends ${find(rows, 'never fails', 'right').toFixed(0)} % of the requests with the right bytes and is sound in ${never.toFixed(0)} % of the runs: in ${find(rows, 'never fails', 'unsafe').toFixed(0)} % of them its plain stores reach the device. Sound more often: ${names(better)}. MUST_NOT_FAIL loses ${find(rows, 'MUST_NOT_FAIL', 'lost').toFixed(0)} % of the requests and leaks ${find(rows, 'MUST_NOT_FAIL', 'leaks').toFixed(0)} map in each run; an error number that is not checked loses ${find(rows, 'errno, unchecked', 'lost').toFixed(0)} % and leaks ${find(rows, 'errno, unchecked', 'leaks').toFixed(0)}. With a typed result ${find(rows, 'typed, fails', 'failed').toFixed(0)} % fail and ${find(rows, 'typed, fails', 'lost').toFixed(0)} % are lost, with a copy instead ${find(rows, 'typed, copies', 'failed').toFixed(0)} % fail; but one forgotten line in the error path leaks ${find(rows, 'typed, path leaks', 'leaks').toFixed(0)} map in each run.`,
      answer: `If a page of a list is memory of a device, MUST_NOT_FAIL loses ${find(rows, 'MUST_NOT_FAIL', 'lost').toFixed(0)} % of the requests, an error number that is not checked ${find(rows, 'errno, unchecked', 'lost').toFixed(0)} %, and a typed result ${find(rows, 'typed, fails', 'lost').toFixed(0)} % (${find(rows, 'typed, fails', 'failed').toFixed(0)} % fail); of their runs ${find(rows, 'MUST_NOT_FAIL', 'sound').toFixed(0)} %, ${find(rows, 'errno, unchecked', 'sound').toFixed(0)} % and ${value.toFixed(0)} % are sound.`,
      figure: { name: 'sound runs, typed result (%)', value },
    };
  },
  chart: (rows) => ({
    kind: 'bars',
    isStacked: true,
    title: 'What becomes of requests if one page is memory of a device',
    subtitle:
      'every page has its turn; a plain store to the device counts as unsafe, though the request ends',
    x: { title: 'requests (%)' },
    bars: rows.flatMap((row) => [
      { name: String(row['design']), part: 'right', value: row['unsafe'] === 0 ? Number(row['right']) : 0 },
      {
        name: String(row['design']),
        part: 'right, unsafe runs',
        value: row['unsafe'] === 0 ? 0 : Number(row['right']),
      },
      { name: String(row['design']), part: 'failed', value: Number(row['failed']), colour: 4 },
      { name: String(row['design']), part: 'lost', value: Number(row['lost']), colour: 5 },
    ]),
  }),
});
