/**
 * Copying out of a list against mapping its entries and using them in place: the performance objection to sg_copy.
 */
import { iomemBounce } from '../../../backends/iomem-bounce.ts';
import { kmapLocal } from '../../../backends/kmap-local.ts';
import { kmap } from '../../../backends/kmap.ts';
import { pageAddress } from '../../../backends/page-address.ts';
import { createMachine } from '../../kernel/core/create-machine.ts';
import type { Machine, Task } from '../../kernel/core/machine.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import type { MapBackend } from '../../mapping/backend.ts';
import { sgAllocTable } from '../../scatterlist/alloc/alloc-table.ts';
import { sgCopyToBuffer } from '../../scatterlist/copy/sg-copy.ts';
import { sgSetPage } from '../../scatterlist/list/entry.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import { SgMiter } from '../../scatterlist/map/sg-miter.ts';
import { difference, weigh } from '../experiment/constants.ts';
import type { Cycles } from '../experiment/constants.ts';
import { defineExperiment } from '../experiment/define-experiment.ts';
import type { Experiment, Row } from '../experiment/define-experiment.ts';

const LENGTHS = [64, 4096, 65_536] as const;
const SEGMENTS = [512, 4096] as const;

interface Target {
  readonly name: string;
  readonly kind: 'lowmem' | 'highmem' | 'iomem';
  readonly bind: (task: Task) => MapBackend;
}

const TARGETS: readonly Target[] = [
  { name: 'kmap_local', kind: 'highmem', bind: kmapLocal },
  { name: 'kmap', kind: 'highmem', bind: kmap },
  { name: 'page_address', kind: 'lowmem', bind: pageAddress },
  { name: 'bounce', kind: 'iomem', bind: iomemBounce },
];

interface Setting {
  readonly machine: Machine;
  readonly backend: MapBackend;
  readonly table: SgTable<MemoryKind>;
  readonly buffer: Uint8Array;
}

/** A list of so many bytes in segments of one size, each in a page of its own. */
function setUp(target: Target, length: number, segment: number): Setting {
  const entries = Math.ceil(length / segment);
  const machine = createMachine({
    mode: 'direct',
    highmemPages: 2 * entries,
    lowmemPages: 2 * entries + 512,
    pkmapSlots: 512,
  });
  const task = machine.task('reader');
  machine.enter(task);
  const pages: readonly Page[] =
    target.kind === 'iomem' ? machine.ioRegion(entries) : machine.allocPages(entries, { zone: target.kind });
  const made = sgAllocTable<MemoryKind>(entries);
  if (!made.ok) throw new RangeError(made.error.code);
  for (const [n, entry] of [...made.value].entries()) {
    const page = pages[n];
    if (page !== undefined) sgSetPage(entry, page, Math.min(segment, length - n * segment));
  }
  return { machine, backend: target.bind(task), table: made.value, buffer: new Uint8Array(length) };
}

/** Adds up all bytes where they are. */
function inPlace({ table, backend }: Setting): number {
  const miter = new SgMiter(table, backend, 'fromSg');
  let sum = 0;
  for (let next = miter.next(); next.ok && next.value; next = miter.next()) sum = added(sum, miter.bytes);
  miter.stop();
  return sum;
}

/** Copies all bytes into a buffer, and adds them up there. */
function copiedFirst({ table, backend, buffer }: Setting): number {
  return sgCopyToBuffer(table, buffer, backend).ok ? added(0, buffer) : -1;
}

function added(before: number, bytes: Uint8Array): number {
  let sum = before;
  for (let at = 0; at < bytes.length; at += 1) sum = (sum + (bytes[at] ?? 0)) | 0;
  return sum;
}

interface Measured {
  readonly target: string;
  readonly length: number;
  readonly segment: number;
  readonly place: LedgerCounts;
  readonly copy: LedgerCounts;
}

function counted(setting: Setting, work: (setting: Setting) => number): LedgerCounts {
  const before = setting.machine.ledger;
  work(setting);
  return difference(before, setting.machine.ledger);
}

const cases = (): readonly (readonly [Target, number, number])[] =>
  TARGETS.flatMap((target) =>
    SEGMENTS.flatMap((segment) =>
      LENGTHS.filter((length) => length > 64 || segment === 512).map(
        (length) => [target, length, segment] as const,
      ),
    ),
  );

function rowOf({ target, length, segment, place, copy }: Measured, cycles: Cycles, use: number): Row {
  // To read the bytes costs the same in both; only the copy is written as well.
  const read = use * length * cycles('byteCopy');
  const [map, unmapped] = [
    weigh(place, cycles) + read,
    weigh(copy, cycles) + read + length * cycles('byteCopy'),
  ];
  return {
    backend: target,
    length,
    segment,
    maps: place.maps,
    copyMaps: copy.maps,
    place: map,
    copy: unmapped,
    ratio: unmapped / map,
  };
}

const find = (rows: readonly Row[], backend: string, length: number, segment: number): number =>
  Number(
    rows.find(
      (row) => row['backend'] === backend && row['length'] === length && row['segment'] === segment,
    )?.['ratio'] ?? NaN,
  );

/** The median time of work, in rounds that alternate between all kinds of work. */
function medians(works: readonly (() => void)[], rounds: number, clock: () => number): readonly number[] {
  const times = works.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [n, work] of works.entries()) {
      const start = clock();
      work();
      times[n]?.push(clock() - start);
    }
  return times.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN);
}

/** Copy or map. */
export const copyOrMapExperiment: Experiment = defineExperiment({
  name: 'copy-or-map',
  question:
    'What does it cost to copy the bytes of a list out and use the copy, instead of mapping them and using them in place?',
  thread: {
    says: 'One problem is we might get more Naks of the form of Herbert Xu’s who might be concerned with the performance implications',
    by: 'Logan Gunthorpe on using sg_copy_X_buffer instead of kmap, linux-kernel, 27 April 2017',
  },
  hypothesis:
    'For a caller that reads every byte once, as fast as it could be copied, to copy first costs at least a tenth more than to map and read in place.',
  method:
    'A list of segments, each in a page of its own, is read by an iterator in place, and by the copy helper followed by the same reading of the buffer. The ledger counts both each on a machine of its own; a byte that is copied costs the copy of a byte, and a byte that is read as many of them as the parameter use says. By the clock of the host the same two are compared in rounds that alternate.',
  doesNotShow: [
    'callers that take longer over a byte (parameter use): the longer they take, the nearer the ratios come to 1; so they do by the clock, where a sum in JavaScript takes many times as long as a copy',
    'callers that only copy, as most do: for them the helper is the loop that they would write',
    'the refills of the TLB, which both need for the same maps: they would bring the ratios nearer to 1',
    'a buffer that is not in the cache, or that has to be allocated',
    'writes to a device, which are posted and cost less than reads: through bounce both are weighed as a read',
    'that the clock of a host agrees: in this library an iterator costs more for each map than the copy helper, so that small segments are often read faster from a copy',
    'callers that change the bytes, which have to be copied back',
    'in-place use that needs the bytes in one piece, which a map of single pages cannot give',
  ],
  parameters: {
    use: {
      default: 1,
      meaning: 'what it takes to read a byte',
      unit: 'copies of a byte',
      least: 0,
      most: 1000,
      fraction: true,
    },
    rounds: {
      default: 41,
      meaning: 'rounds by the clock of the host',
      unit: 'rounds',
      least: 3,
      most: 10_000,
    },
  },
  smoke: { rounds: 3 },
  columns: [
    { key: 'backend', title: 'backend' },
    { key: 'length', title: 'length', unit: 'bytes' },
    { key: 'segment', title: 'segment', unit: 'bytes' },
    {
      key: 'maps',
      title: 'maps',
      unit: 'in place',
      meaning: 'maps that the ledger counts; a bounce buffer maps RAM, too',
    },
    { key: 'copyMaps', title: 'maps', unit: 'copied' },
    {
      key: 'place',
      title: 'in place',
      unit: 'cycles',
      meaning: 'cycles to map and read in place',
      digits: 0,
    },
    {
      key: 'copy',
      title: 'copied',
      unit: 'cycles',
      meaning: 'cycles to copy first and read the copy',
      digits: 0,
    },
    { key: 'ratio', title: 'copied', unit: '/in place', digits: 2 },
  ],
  run: (): readonly Measured[] =>
    cases().map(([target, length, segment]) => {
      // A machine for each, because a page that is mapped once more finds its slot of the pool.
      return {
        target: target.name,
        length,
        segment,
        place: counted(setUp(target, length, segment), inPlace),
        copy: counted(setUp(target, length, segment), copiedFirst),
      };
    }),
  rows: (measured, cycles, { use }) => measured.map((one) => rowOf(one, cycles, use)),
  conclude: (rows) => {
    const dearer = rows.filter((row) => Number(row['ratio']) >= 1.1);
    const value = find(rows, 'kmap_local', 65_536, 4096);
    const least = Math.min(...rows.map((row) => Number(row['ratio'])));
    const isSame = rows.every((row) => row['maps'] === row['copyMaps']);
    const [lowest] = rows.filter((row) => Number(row['ratio']) === least);
    return {
      verdict:
        dearer.length === rows.length ? 'holds' : dearer.length === 0 ? 'does not hold' : 'holds in part',
      because: `To copy first costs a tenth more or worse in ${String(dearer.length)} of ${String(rows.length)} cases: ${value.toFixed(2)} times for 64 KiB in pages through kmap_local, ${find(rows, 'page_address', 65_536, 4096).toFixed(2)} times where pages have an address, ${find(rows, 'kmap_local', 64, 512).toFixed(2)} times for 64 bytes, and ${least.toFixed(2)} times through ${String(lowest?.['backend'])}, where the map itself copies. ${isSame ? 'Both make the same number of maps.' : 'They do not make the same number of maps.'}`,
      answer: `Between ${least.toFixed(2)} and ${Math.max(...rows.map((row) => Number(row['ratio']))).toFixed(2)} times the cycles of reading in place; for 64 KiB in pages through kmap_local ${value.toFixed(2)} times.`,
      figure: { name: 'copied over in place, 64 KiB by kmap_local', value },
    };
  },
  chart: (rows) => ({
    kind: 'lines',
    title: 'Copy first, over map and read in place',
    subtitle:
      'a caller that reads every byte once; solid: segments of 512 bytes, dashed: of 4096; modelled cycles',
    x: { title: 'length of the list (bytes)', scale: 'log' },
    y: { title: 'copied first over in place (ratio)' },
    series: SEGMENTS.flatMap((segment) =>
      // Through bounce both are the same.
      TARGETS.filter(({ name }) => segment === 512 || name !== 'bounce').map(({ name }, n) => ({
        name: segment === 512 ? name : `${name}, pages`,
        colour: n,
        dashed: segment !== 512,
        points: LENGTHS.filter((length) => length > 64 || segment === 512).map(
          (length) => [length, find(rows, name, length, segment)] as const,
        ),
      })),
    ),
  }),
  realTime: ({ rounds }, clock) =>
    cases()
      .filter(([{ kind }, length]) => kind !== 'iomem' && length >= 4096)
      .map(([target, length, segment]) => {
        const setting = setUp(target, length, segment);
        // Many at a time, because the clock of a host may tick in microseconds.
        const times = Math.ceil(262_144 / length);
        const often = (work: (of: Setting) => number) => (): void => {
          for (let n = 0; n < times; n += 1) work(setting);
        };
        const [place = NaN, copy = NaN] = medians([often(inPlace), often(copiedFirst)], rounds, clock);
        return {
          backend: target.name,
          length,
          segment,
          'copied/in place': Number((copy / place).toFixed(2)),
        };
      }),
});
