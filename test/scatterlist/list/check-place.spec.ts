/** One rule and one wording for entries that lead nowhere, whoever meets them, on every kind of machine. */
import { expect } from 'chai';
import {
  DmaDevice,
  SgArray,
  SgMiter,
  SgPageIter,
  SgTable,
  ViolationError,
  createMachine,
  dmaMapSgtable,
  mappedNents,
  origNents,
  sgCompare,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgFill,
  sgMap,
  sgMapWait,
  sgMarkEnd,
  sgPhys,
  sgSplit,
  sgUnmap,
  sgVirt,
  sgZeroBuffer,
} from 'scatterlist';
import type {
  Machine,
  MachineOptions,
  MapBackend,
  MemoryKind,
  Result,
  ScatterlistError,
  SgEntry,
  Task,
} from 'scatterlist';
import {
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  vmap,
} from 'scatterlist/backends';
import { ALLOCATED } from '../../../lib/machine/page-owner.ts';
import { exists } from '../../../lib/scatterlist/list/check-place.ts';
import { runAlone } from '../../../lib/kernel/core/run-alone.ts';

const PAGE = 256;
const SIZES = {
  pageSize: PAGE,
  lowmemPages: 64,
  highmemPages: 64,
  vmallocPages: 64,
  bounceSlots: 8,
} as const;

interface World {
  readonly machine: Machine;
  readonly task: Task;
  readonly table: SgTable;
  readonly whole: SgTable;
  readonly backend: MapBackend;
  /** The entry that leads nowhere; a good one lies before it. */
  readonly bad: SgEntry;
}

type Shape = (machine: Machine, bad: SgEntry) => void;

const SHAPES: Readonly<
  Record<
    string,
    {
      readonly rule: string;
      readonly make: Shape;
      readonly says: RegExp;
      /** A compatible machine, like Linux, looks at no zones. */
      readonly strictOnly?: boolean;
    }
  >
> = {
  'an entry without a page': {
    rule: 'sg-empty-entry',
    make: (_machine, bad) => bad.array.set(bad.slot, null, 3 * PAGE, 0),
    says: /of an entry that has no page$/,
  },
  'an entry that begins past the end of memory': {
    rule: 'sg-range',
    make: ({ hardware: { memory } }, bad) =>
      bad.array.set(bad.slot, memory.page(memory.ramEnd - 1), 3 * PAGE, 2 * PAGE, 'compatible'),
    says: /at offset 0 of an entry of 768 bytes \(pfn 0x7f, offset 512\), which runs past the end of its memory at pfn 0x80$/,
  },
  'an entry that runs past the end of memory': {
    rule: 'sg-range',
    make: ({ hardware: { memory } }, bad) =>
      bad.array.set(bad.slot, memory.page(memory.ramEnd - 1), 3 * PAGE, 0, 'compatible'),
    says: /at offset \d+ of an entry of 768 bytes \(pfn 0x7f, offset 0\), which runs past the end of its memory at pfn 0x80$/,
  },
  'an entry that runs from lowmem into highmem': {
    rule: 'sg-mixed-kinds',
    strictOnly: true,
    make: ({ hardware: { memory } }, bad) =>
      bad.array.set(bad.slot, memory.page(SIZES.lowmemPages - 1), 3 * PAGE, 10, 'compatible'),
    says: /at offset \d+: an entry that begins in lowmem at pfn 0x3f runs into highmem at pfn 0x40$/,
  },
  'an entry moved into another kind by its offset': {
    rule: 'sg-mixed-kinds',
    strictOnly: true,
    make: ({ hardware: { memory } }, bad) => {
      bad.array.set(bad.slot, memory.page(SIZES.lowmemPages - 2), 20, 0);
      bad.offset = 2 * PAGE - 10;
    },
    says: /at offset \d+: an entry that begins in lowmem at pfn 0x3e runs into highmem at pfn 0x40$/,
  },
};

function worldOf(options: MachineOptions, bind: (task: Task) => MapBackend, make: Shape): World {
  const machine = createMachine({ ...SIZES, ...options });
  // A device behind RAM: an entry that runs out of RAM must not end there.
  machine.ioRegion(4);
  const task = machine.task('driver');
  const good = machine.allocPage({ zone: 'lowmem' });
  const array = new SgArray(2);
  array.set(0, good, PAGE, 0);
  make(machine, array.entry(1));
  sgMarkEnd(array.entry(1));
  const tableOf = (sgl: SgEntry, nents: number): SgTable => {
    const table = new SgTable();
    table.sgl = sgl;
    table.origNents = origNents(nents);
    table.nents = mappedNents(nents);
    return table;
  };
  const other = new SgArray(1);
  const run = machine.allocPages(8, { zone: 'lowmem' });
  other.set(0, run[0]!, 8 * PAGE, 0);
  sgMarkEnd(other.entry(0));
  // What the entries reach before they lead nowhere is memory in use.
  const { memory } = machine.hardware;
  for (let pfn = 0; pfn < memory.ramEnd; pfn += 1) memory.page(pfn).owner ??= ALLOCATED;
  return {
    machine,
    task,
    table: tableOf(array.entry(0), 2),
    whole: tableOf(other.entry(0), 1),
    backend: bind(task),
    bad: array.entry(1),
  };
}

function stepOf(step: Result<boolean, ScatterlistError>): boolean {
  if (!step.ok) throw new Error(step.error.code);
  return step.value;
}

const WALKS: Readonly<Record<string, (world: World) => unknown>> = {
  sgMap: ({ bad, backend }) => {
    for (let at = 0; ;) {
      const mapped = sgMap(bad, at, backend);
      if (!mapped.ok) throw new Error(mapped.error.code);
      at += mapped.value.length;
      mapped.value[Symbol.dispose]();
    }
  },
  sgMapWait: ({ bad, backend, task }) => {
    for (let at = 0; ;) {
      const mapped = runAlone(task, sgMapWait(bad, at, backend));
      if (!mapped.ok) throw new Error(mapped.error.code);
      at += mapped.value.length;
      mapped.value[Symbol.dispose]();
    }
  },
  SgMiter: ({ table, backend }) => {
    const it = new SgMiter(table, backend, 'fromSg');
    while (stepOf(it.next())) it.consumed = it.length;
  },
  'SgMiter.nextWait': ({ table, backend, task }) => {
    const it = new SgMiter(table, backend, 'fromSg');
    while (stepOf(runAlone(task, it.nextWait()))) it.consumed = it.length;
  },
  sgCopyToBuffer: ({ table, backend }) => sgCopyToBuffer(table, new Uint8Array(9 * PAGE), backend),
  sgCopyFromBuffer: ({ table, backend }) => sgCopyFromBuffer(table, new Uint8Array(9 * PAGE), backend),
  sgZeroBuffer: ({ table, backend }) => sgZeroBuffer(table, 9 * PAGE, backend),
  sgFill: ({ table, backend }) => sgFill(table, 1, { lengthBytes: 9 * PAGE }, backend),
  'sgCopyList to it': ({ table, whole, backend }) =>
    sgCopyList(table, whole, { lengthBytes: 4 * PAGE }, backend),
  'sgCopyList from it': ({ table, whole, backend }) =>
    sgCopyList(whole, table, { lengthBytes: 4 * PAGE }, backend),
  sgCompare: ({ table, whole, backend }) => sgCompare(whole, table, { lengthBytes: 4 * PAGE }, backend),
};

const WITHOUT_BACKEND: Readonly<Record<string, (world: World) => unknown>> = {
  SgPageIter: ({ table }) => {
    const it = new SgPageIter(table.sgl, table.origNents);
    while (it.next()) void it.page;
  },
  'SgPageIter with a machine': ({ table, machine }) => {
    const it = new SgPageIter(table.sgl, table.origNents, 0, { machine });
    while (it.next()) void it.page;
  },
  dmaMapSgtable: ({ table, machine, task }) => dmaMapSgtable(task, new DmaDevice(machine), table, 'toDevice'),
};

const BACKENDS = { kmapLocal, kmapAtomic, pageAddress, vmap, ioAccess } as const;
const MACHINES: readonly MachineOptions[] = [
  { mode: 'checked' },
  { mode: 'direct' },
  { mode: 'direct', trace: true },
  { mode: 'checked', semantics: 'compatible' },
  { mode: 'direct', semantics: 'compatible' },
  { mode: 'checked', onViolation: 'record' },
];

function violationIn(action: () => unknown): { readonly rule: string; readonly what: string } {
  try {
    const answer = action();
    return { rule: 'none', what: JSON.stringify(answer) };
  } catch (error) {
    if (!(error instanceof ViolationError)) throw error;
    return error.violation;
  }
}

describe('entries that lead nowhere', () => {
  for (const [shape, { rule, make, says, strictOnly }] of Object.entries(SHAPES)) {
    for (const options of MACHINES) {
      if (strictOnly === true && options.semantics === 'compatible') continue;
      for (const [name, bind] of Object.entries(BACKENDS)) {
        it(`${shape}: ${name}, ${JSON.stringify(options)}`, () => {
          for (const [who, walk] of Object.entries(WALKS)) {
            const world = worldOf(options, bind, make);
            const found = violationIn(() => walk(world));
            expect(found.rule, who).to.equal(rule);
            expect(found.what, who).to.match(says);
            // A second time it is the same: nothing was kept that hides it.
            if (world.machine.liveMappings === 0)
              expect(
                violationIn(() => walk(world)),
                who,
              ).to.deep.include({ rule, what: found.what });
          }
        });
      }
      for (const [who, walk] of Object.entries(WITHOUT_BACKEND)) {
        it(`${shape}: ${who}, ${JSON.stringify(options)}`, () => {
          const world = worldOf(options, kmapLocal, make);
          // Without a context and without a page there is no machine to tell.
          if (who === 'SgPageIter' && (rule === 'sg-empty-entry' || options.semantics === 'compatible')) {
            expect(() => walk(world)).to.throw(RangeError, says);
            return;
          }
          const found = violationIn(() => walk(world));
          expect([found.rule, says.test(found.what)], found.what).to.deep.equal([rule, true]);
        });
      }
    }
  }

  it('have no address, and no part of them can be split off', () => {
    const { machine, table } = worldOf({}, kmapLocal, SHAPES['an entry without a page']!.make);
    const bad = table.sgl!.array.entry(1);
    expect(() => sgPhys(bad)).to.throw(RangeError, 'sgPhys of an entry that has no page');
    expect(violationIn(() => sgVirt(bad, machine)).what).to.equal('sgVirt of an entry that has no page');
    const parts = (): unknown => sgSplit<MemoryKind>(table.sgl, mappedNents(0), 10, [PAGE], { machine });
    expect(violationIn(parts).what).to.equal('sgSplit of an entry that has no page');
    expect(() => sgSplit(table.sgl, mappedNents(0), 10, [PAGE])).to.throw(RangeError, 'sgSplit of an entry');
  });

  it('are looked at by a strict machine only where their memory is of two kinds', () => {
    const { memory } = createMachine({ ...SIZES, semantics: 'compatible' }).hardware;
    const low = memory.page(SIZES.lowmemPages - 1);
    expect([exists(low, 0, 2 * PAGE), exists(low, PAGE, 1)]).to.deep.equal([true, true]);
    const { memory: strict } = createMachine(SIZES).hardware;
    const page = strict.page(SIZES.lowmemPages - 1);
    expect([exists(page, 0, PAGE), exists(page, 0, PAGE + 1), exists(page, PAGE, 1)]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind] of Object.entries({ ...BACKENDS, kmap, pgmap, iomemBounce })) {
      it(`compatible, ${mode}: what ${name} cannot reach of an entry over two kinds is an error that names the page`, () => {
        const world = worldOf(
          { mode, semantics: 'compatible', pkmapSlots: 1 },
          bind,
          SHAPES['an entry that runs from lowmem into highmem']!.make,
        );
        const { task, bad, backend, machine, table } = world;
        const high = machine.hardware.memory.page(SIZES.lowmemPages);
        const full = kmap(task).map(machine.allocPages(2, { zone: 'highmem' })[1]!, 0, 1);
        expect(full.ok).to.equal(true);
        const mapped = sgMap<MapBackend, MemoryKind>(bad, PAGE, backend);
        const copied = sgCopyToBuffer<MapBackend, MemoryKind>(table, new Uint8Array(9 * PAGE), backend);
        if (mapped.ok) {
          sgUnmap(mapped.value);
          expect(copied).to.deep.equal({ ok: true, value: 4 * PAGE });
        } else {
          const error =
            name === 'kmap'
              ? { code: 'NoSlots', slots: 1, waiting: 0 }
              : { code: 'Unmappable', pfn: high.pfn, kind: 'highmem' };
          expect(mapped.error).to.deep.equal(error);
          const doneBytes = backend.contract.contiguous ? PAGE : 2 * PAGE - 10;
          expect(copied.ok ? {} : copied.error).to.deep.equal({ ...error, doneBytes });
        }
        expect(mapped.ok).to.equal(!['kmap', 'pgmap', 'pageAddress'].includes(name));
      });
    }
  }

  it('are told by the end of RAM, and by the end of their device', () => {
    const { memory } = createMachine(SIZES).hardware;
    const device = memory.addIoRegion(2, {});
    const last = memory.page(memory.ramEnd - 1);
    expect([exists(last, 0, PAGE), exists(last, 1, PAGE), exists(device[0]!, PAGE, PAGE)]).to.deep.equal([
      true,
      false,
      true,
    ]);
    expect(exists(device[1]!, PAGE, 1)).to.be.false;
  });
});
