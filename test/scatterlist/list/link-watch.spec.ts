/** Lists whose links lead back, through everything that walks a list. */
import { expect } from 'chai';
import {
  SgArray,
  SgDmaPageIter,
  SgMiter,
  SgPageIter,
  SgTable,
  ViolationError,
  createMachine,
  dmaAddr,
  dmaMapSgtable,
  dmaSyncSgtableForCpu,
  dmaUnmapSgtable,
  forEachSg,
  forEachSgDmaPage,
  forEachSgPage,
  forEachSgtableDmaSg,
  forEachSgtablePage,
  forEachSgtableSg,
  mappedNents,
  origNents,
  sgCompare,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgFill,
  sgFreeTable,
  sgLast,
  sgNents,
  sgNentsForDma,
  sgNentsForLen,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgSetDma,
  sgSplit,
  sgZeroBuffer,
  sglFree,
} from 'scatterlist';
import type { Machine, MachineOptions, MemoryKind, SgEntry, SgOptions } from 'scatterlist';
import { DmaDevice } from 'scatterlist/machine';
import { kmapLocal, pageAddress } from 'scatterlist/backends';
import { LinkWatch } from '../../../lib/scatterlist/list/link-watch.ts';
import { SG_CHAIN, SG_END } from '../../../lib/scatterlist/list/sg-array.ts';

const BYTES = 8;

/** Slots: `e` has bytes, `z` has a page and none, `E` is the last, and a link is where it leads. */
type Slots = readonly ('e' | 'z' | 'E' | readonly [array: number, slot: number])[];

/** Lists that do not end: their slots, entries up to the link that leads back, and the entry where it leads. */
const ENDLESS: Readonly<Record<string, readonly [arrays: readonly Slots[], entries: number, back: number]>> =
  {
    'a link back to the first entry': [[['e', 'e', [0, 0]]], 2, 0],
    'a link back into its own array': [[['e', 'e', 'e', [0, 1]]], 3, 1],
    'a link back to an earlier array': [
      [
        ['e', [1, 0]],
        ['e', 'e', [2, 0]],
        ['e', [1, 1]],
      ],
      4,
      2,
    ],
    'two arrays that link each other': [
      [
        ['e', [1, 0]],
        ['e', 'e', [0, 0]],
      ],
      3,
      0,
    ],
    'an end mark behind the circle': [[['e', 'e', [0, 0], 'e', 'E']], 2, 0],
    'a circle of arrays of one entry': [
      [
        ['e', [1, 0]],
        ['e', [2, 0]],
        ['e', [1, 0]],
      ],
      3,
      1,
    ],
    'entries of no bytes': [[['z', 'z', [0, 0]]], 2, 0],
    'a link to a link that leads back': [
      [
        ['e', [1, 0]],
        [
          [0, 0],
          [1, 0],
        ],
      ],
      2,
      1,
    ],
  };

/** Lists that look like it and end. */
const ENDING: Readonly<Record<string, readonly [arrays: readonly Slots[], entries: number]>> = {
  'a link to itself': [[['e', 'e', [0, 2]]], 3],
  'a link to another link': [
    [
      ['e', [1, 1]],
      ['e', [0, 0]],
    ],
    2,
  ],
  'a link forward in its own array': [[['e', [0, 3], 'e', 'e', 'E']], 3],
  'a link back to entries that were passed over': [
    [
      ['e', [1, 0], 'e', 'E'],
      ['e', [0, 2]],
    ],
    4,
  ],
  'no end mark': [[['e', 'e']], 2],
  'an end mark in the middle': [[['e', 'E', 'e', 'E']], 2],
};

function build(machine: Machine, shapes: readonly Slots[]): SgEntry<'lowmem'> {
  const arrays = shapes.map(({ length }) => new SgArray<'lowmem'>(length));
  for (const [i, slots] of shapes.entries())
    for (const [slot, what] of slots.entries()) {
      const array = arrays[i]!;
      if (typeof what !== 'string') {
        array.mark(slot, SG_CHAIN);
        array.setLink(slot, arrays[what[0]]!.entry(what[1]));
        continue;
      }
      array.set(slot, machine.allocPage({ zone: 'lowmem' }), what === 'z' ? 0 : BYTES, 16);
      if (what === 'E') array.mark(slot, SG_END);
      sgSetDma(array.entry(slot), dmaAddr(0x1000 * (slot + 1)), BYTES);
    }
  return arrays[0]!.entry(0);
}

function tableOf(sgl: SgEntry<'lowmem'>, nents: number, how: SgOptions = {}): SgTable<'lowmem'> {
  const table = new SgTable<'lowmem'>();
  table.sgl = sgl;
  table.origNents = origNents(nents);
  table.nents = mappedNents(nents);
  table.how = how;
  return table;
}

function drain(steps: Iterable<unknown>): number {
  let count = 0;
  for (const _ of steps) count += 1;
  return count;
}

interface Rig {
  readonly machine: Machine;
  readonly sgl: SgEntry<'lowmem'>;
  readonly nents: number;
  readonly how: SgOptions;
}

/** Walks that need no machine. */
const BARE: Readonly<Record<string, (rig: Rig) => unknown>> = {
  forEachSg: ({ sgl, nents, how }) => drain(forEachSg(sgl, nents, how)),
  forEachSgtableSg: ({ sgl, nents, how }) => drain(forEachSgtableSg(tableOf(sgl, nents, how))),
  forEachSgtableDmaSg: ({ sgl, nents, how }) => drain(forEachSgtableDmaSg(tableOf(sgl, nents, how))),
  'for … of a table': ({ sgl, nents, how }) => drain(tableOf(sgl, nents, how)),
  totalBytes: ({ sgl, nents, how }) => tableOf(sgl, nents, how).totalBytes,
  SgPageIter: ({ sgl, nents, how }) => {
    const it = new SgPageIter(sgl, origNents(nents), 0, how);
    while (it.next()) continue;
  },
  SgDmaPageIter: ({ sgl, nents, how }) => {
    const it = new SgDmaPageIter(sgl, mappedNents(nents), 0, how);
    while (it.next()) continue;
  },
  forEachSgPage: ({ sgl, nents, how }) => drain(forEachSgPage(sgl, origNents(nents), 2 ** 40, how)),
  forEachSgDmaPage: ({ sgl, nents, how }) => drain(forEachSgDmaPage(sgl, mappedNents(nents), 0, how)),
  forEachSgtablePage: ({ sgl, nents, how }) => drain(forEachSgtablePage(tableOf(sgl, nents), 0, how)),
  sgNentsForDma: ({ sgl, nents, how }) => sgNentsForDma(sgl, mappedNents(nents), 4, how),
};

/** Walks on a machine, which hears of it. */
const ON_MACHINE: Readonly<Record<string, (rig: Rig) => unknown>> = {
  SgMiter: ({ sgl, nents, machine }) => {
    const it = new SgMiter(sgl, kmapLocal(machine.task()), 'fromSg', nents);
    while (it.next().value) continue;
    it.stop();
  },
  'SgMiter.skip': ({ sgl, nents, machine }) =>
    new SgMiter(sgl, kmapLocal(machine.task()), 'fromSg', nents).skip(2 ** 50),
  sgFill: ({ machine, ...list }) =>
    sgFill(listOf(list), 1, { lengthBytes: 2 ** 50 }, kmapLocal(machine.task())),
  sgZeroBuffer: ({ machine, ...list }) => sgZeroBuffer(listOf(list), 2 ** 50, pageAddress(machine.task()), 3),
  'sgPcopyToBuffer far on': ({ machine, ...list }) =>
    sgPcopyToBuffer(listOf(list), new Uint8Array(9), kmapLocal(machine.task()), 2 ** 50),
  'sgPcopyFromBuffer far on': ({ machine, ...list }) =>
    sgPcopyFromBuffer(listOf(list), new Uint8Array(9), pageAddress(machine.task()), 2 ** 50),
  sgCopyToBuffer: ({ machine, ...list }) =>
    sgCopyToBuffer(listOf(list), new Uint8Array(99999), kmapLocal(machine.task())),
  sgCopyFromBuffer: ({ machine, ...list }) =>
    sgCopyFromBuffer(listOf(list), new Uint8Array(99999), pageAddress(machine.task())),
  sgCopyList: ({ machine, ...list }) =>
    sgCopyList(
      listOf(list),
      listOf(list),
      { lengthBytes: 2 ** 50, skipSecondBytes: 3 },
      kmapLocal(machine.task()),
    ),
  sgCompare: ({ machine, ...list }) =>
    sgCompare(listOf(list), listOf(list), { lengthBytes: 2 ** 50 }, pageAddress(machine.task())),
  dmaMapSgtable: ({ machine, sgl, nents }) =>
    dmaMapSgtable(machine.task(), new DmaDevice(machine), tableOf(sgl, nents), 'toDevice'),
};

function listOf({ sgl, nents }: { readonly sgl: SgEntry<'lowmem'>; readonly nents: number }): {
  readonly sgl: SgEntry<MemoryKind>;
  readonly origNents: number;
} {
  return { sgl, origNents: nents };
}

const MODES: readonly MachineOptions[] = [
  { mode: 'direct' },
  { mode: 'checked' },
  { mode: 'direct', semantics: 'compatible' },
  { mode: 'checked', semantics: 'compatible' },
];

/** What a walk reports, on a machine that goes on. */
function reports(
  options: MachineOptions,
  shapes: readonly Slots[],
  nents: number,
  walk: (rig: Rig) => unknown,
) {
  const machine = createMachine({ ...options, lowmemPages: 64, onViolation: 'record' });
  walk({ machine, sgl: build(machine, shapes), nents, how: { machine } });
  return machine.violations.map(({ rule, what }) => [rule, what]);
}

describe('LinkWatch', () => {
  for (const [name, [shapes, entries, back]] of Object.entries(ENDLESS)) {
    const what = (end: string) =>
      `the link behind entry ${String(entries - 1)} leads back to entry ${String(back)}, and ${end}`;

    it(`${name}: is reported by every walk without a count, or with one that no list has`, () => {
      const isWalked = (walk: string) =>
        name.includes('link to a link') === false || !/sg|Miter|dma/.test(walk);
      for (const [walk, run] of Object.entries({ ...BARE, ...ON_MACHINE })) {
        if (!isWalked(walk) && !(walk in BARE)) continue;
        for (const options of MODES)
          for (const nents of [Infinity, 2 ** 31]) {
            const found = reports(options, shapes, nents, run);
            const rules = found.map(([rule]) => rule);
            expect(rules, `${walk} of ${String(nents)} on ${JSON.stringify(options)}`).to.deep.equal([
              'sg-endless-list',
            ]);
            expect(found[0]![1]).to.match(/^the link behind entry \d+ leads back to entry \d+, and /);
            expect(found[0]![1]).to.contain(what('').slice(0, -1));
          }
      }
    });

    it(`${name}: is a RangeError without a machine, or InvalidArgument`, () => {
      const machine = createMachine({ lowmemPages: 64 });
      const sgl = build(machine, shapes);
      for (const [walk, run] of Object.entries(BARE))
        expect(() => run({ machine, sgl, nents: Infinity, how: {} }), walk).to.throw(
          RangeError,
          `a list that does not end: ${what('no count ends the walk')}`,
        );
      for (const count of [() => sgNents(sgl), () => sgNentsForLen(sgl, 2 ** 50)])
        expect(count).to.throw(RangeError, what('no count ends the walk'));
      expect(sgLast(sgl, 2 ** 31)).to.deep.include({ ok: false });
      expect(sgSplit(sgl, mappedNents(0), 0, [1])).to.deep.equal({
        ok: false,
        error: { code: 'InvalidArgument', argument: 'sgl', got: entries, expected: 'a list that ends' },
      });
    });

    it(`${name}: ends every count and cut on a machine that goes on`, () => {
      for (const options of MODES) {
        const machine = createMachine({ ...options, lowmemPages: 64, onViolation: 'record' });
        const sgl = build(machine, shapes);
        const how = { machine };
        expect(sgNents(sgl, how)).to.equal(entries);
        expect(sgNentsForLen(sgl, 2 ** 50, how).ok).to.equal(false);
        expect(sgSplit(sgl, mappedNents(0), 0, [1], how).ok).to.equal(false);
        expect(sgLast(sgl, 2 ** 31, how)).to.deep.include({
          error: {
            code: 'InvalidArgument',
            argument: 'nents',
            got: 2 ** 31,
            expected: `the entries of the list (${String(entries)})`,
          },
        });
        expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(
          new Array<string>(4).fill('sg-endless-list'),
        );
        const table = tableOf(sgl, 2 ** 31, how);
        sgFreeTable(table);
        expect(table.sgl).to.equal(null);
      }
    });

    it(`${name}: is walked by a count, as a ring is in Linux, also more than once around`, () => {
      for (const options of MODES) {
        for (const nents of [1, entries, entries + 1, 5 * entries]) {
          const machine = createMachine({ ...options, lowmemPages: 64 });
          const sgl = build(machine, shapes);
          expect(drain(forEachSg(sgl, nents, { machine }))).to.equal(nents);
          expect(drain(tableOf(sgl, nents))).to.equal(nents);
          if (!name.includes('bytes') && !name.includes('to a link')) {
            expect(
              sgCopyToBuffer(listOf({ sgl, nents }), new Uint8Array(4096), kmapLocal(machine.task())),
            ).to.deep.equal({ ok: true, value: nents * BYTES });
            expect(
              sgFill(listOf({ sgl, nents }), 1, { lengthBytes: 4096 }, kmapLocal(machine.task())),
            ).to.deep.equal({ ok: true, value: nents * BYTES });
          }
        }
      }
    });
  }

  for (const [name, [shapes, entries]] of Object.entries(ENDING)) {
    it(`${name}: ends, whatever the count`, () => {
      for (const options of MODES) {
        const machine = createMachine({ ...options, lowmemPages: 64 });
        const sgl = build(machine, shapes);
        expect(sgNents(sgl, { machine })).to.equal(entries);
        for (const nents of [entries, 2 ** 31, Infinity]) {
          for (const [walk, run] of Object.entries(BARE)) {
            run({ machine, sgl, nents, how: { machine } });
            void walk;
          }
          expect(drain(forEachSg(sgl, nents))).to.equal(entries);
        }
      }
    });
  }

  it('ends a device operation on a table that was mapped and linked back since', () => {
    const machine = createMachine({ lowmemPages: 64, onViolation: 'record' });
    const task = machine.task();
    const device = new DmaDevice(machine);
    const sgl = build(machine, [['e', 'E']]);
    const table = tableOf(sgl, 2);
    expect(dmaMapSgtable(task, device, table, 'toDevice').ok).to.equal(true);
    const mapped = build(machine, [['e', [0, 0]]]);
    const ring = tableOf(mapped, 1);
    expect(dmaMapSgtable(task, device, ring, 'toDevice').ok).to.equal(true);
    ring.origNents = origNents(2 ** 31);
    dmaSyncSgtableForCpu(task, device, ring, 'toDevice');
    dmaUnmapSgtable(task, device, ring, 'toDevice');
    const rules = machine.violations.map(({ rule }) => rule);
    expect(rules.filter((rule) => rule === 'sg-endless-list').length).to.equal(2);
    expect(dmaMapSgtable(task, device, tableOf(mapped, 2 ** 31), 'toDevice')).to.deep.equal({
      ok: false,
      error: { code: 'InvalidArgument', argument: 'table', got: 1, expected: 'a list that ends' },
    });
  });

  it('frees each page of a ring once', () => {
    const machine = createMachine({ lowmemPages: 64, onViolation: 'record' });
    const sgl = build(machine, [
      ['e', [1, 0]],
      ['e', 'e', [0, 0]],
    ]);
    const freed: number[] = [];
    const source = {
      pageSize: 4096,
      allocate: () => undefined,
      free: ({ pfn }: { readonly pfn: number }) => freed.push(pfn),
    };
    sglFree(sgl, { ...source, free: (page) => void source.free(page) }, { machine });
    expect(freed).to.deep.equal([0, 1, 2]);
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['sg-endless-list']);
  });

  it('throws on a machine that throws, before an entry is walked twice', () => {
    const machine = createMachine({ lowmemPages: 64 });
    const sgl = build(machine, ENDLESS['two arrays that link each other']![0]);
    const seen: number[] = [];
    expect(() => {
      for (const { slot } of forEachSg(sgl, 2 ** 21, { machine })) seen.push(slot);
    }).to.throw(ViolationError, 'leads back to entry 0, and 2097149 more are asked for');
    expect(seen).to.deep.equal([0, 0, 1]);
  });

  it('counts from where the walk began, whatever slot that is', () => {
    const machine = createMachine({ lowmemPages: 64 });
    const sgl = build(machine, [
      ['e', 'e', 'e', [1, 1]],
      ['e', 'e', 'e', [0, 2]],
    ]);
    const said = (slot: number) => () => sgNents(sgl.array.entry(slot));
    expect(said(0)).to.throw('the link behind entry 4 leads back to entry 2, and');
    expect(said(1)).to.throw('the link behind entry 3 leads back to entry 1, and');
    expect(said(2)).to.throw('the link behind entry 2 leads back to entry 0, and');
    const watch = new LinkWatch(sgl.array.entry(1), {}, 'end');
    let entries = 0;
    for (let sg: SgEntry | null = sgl.array.entry(1); sg !== null; sg = watch.next(sg, Infinity))
      entries += 1;
    expect([entries, watch.entries, watch.isEndless]).to.deep.equal([4, 4, true]);
  });

  it('looks at links only', () => {
    const machine = createMachine({ lowmemPages: 64 });
    const sgl = build(machine, [['e', 'e', 'e', 'E']]);
    const watch = new LinkWatch(sgl, {});
    expect(watch.next(sgl, Infinity)).to.equal(sgl.array.entry(1));
    expect([watch.isEndless, watch.entries]).to.deep.equal([false, 0]);
    expect(watch.next(sgl.array.entry(3), Infinity)).to.equal(null);
  });
});
