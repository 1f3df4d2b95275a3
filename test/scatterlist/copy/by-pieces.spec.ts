/**
 * The fast way must not be told from the slow one: the same lists on machines that nobody watches and on
 * machines that keep a trace, direct and checked, give the same bytes, answers, counts, ledgers and violations.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  createMachine,
  dmaAddr,
  ok,
  sgAllocTable,
  sgAllocTableFromPages,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgNext,
  sgFill,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgSetPage,
  sgZeroBuffer,
} from 'scatterlist';
import type { Machine, MapBackend, MemoryKind, Page, SgList, SgTable, SystemRam, Task } from 'scatterlist';
import { defineBackend, mapLocal, passLocal } from 'scatterlist/backend';
import {
  KMAP_LOCAL,
  PAGE_ADDRESS,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  vmap,
} from 'scatterlist/backends';
import { violationOf } from '../../kernel/violations.ts';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { ALLOCATED } from '../../../lib/machine/page-owner.ts';
import { copiesByPieces, mayPass } from '../../../lib/scatterlist/copy/by-pieces.ts';
import { isCut, piecesOf } from '../../../lib/scatterlist/copy/list-pieces.ts';
import { origNents } from '../../../lib/scatterlist/list/sg-table.ts';
import { DmaMapping } from '../../../lib/kernel/parts/dma-mapping.ts';
import type { MachineOptions } from 'scatterlist/machine';

const PAGE = 256;
const PAGES = 24;

const BACKENDS: Readonly<Record<string, (task: Task) => MapBackend>> = {
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  vmap,
};

const MACHINES = [
  { mode: 'direct', trace: false },
  { mode: 'direct', trace: true },
  { mode: 'checked', trace: false },
  { mode: 'checked', trace: true },
] as const;

type Kind = SystemRam | 'protected' | 'iomem' | 'missing';

/** The last pages of each kind, so that entries may run into what lies behind. */
interface World {
  readonly machine: Machine;
  readonly task: Task;
  readonly kinds: Readonly<Record<Kind, readonly (Page | undefined)[]>>;
}

function worldOf(options: MachineOptions): World {
  const machine = createMachine({
    pageSize: PAGE,
    lowmemPages: 64,
    highmemPages: PAGES,
    protectedPages: PAGES,
    vmallocPages: 200,
    ...options,
  });
  const device = machine.ioRegion(PAGES);
  const { memory } = machine.hardware;
  const lastOf = (kind: MemoryKind): readonly Page[] => {
    const zone = memory.zones.find((each) => each.kind === kind)!;
    return machine.allocPages(zone.pages, { zone: kind as 'lowmem' | 'highmem' }).slice(-PAGES);
  };
  const kinds = {
    lowmem: lastOf('lowmem'),
    highmem: lastOf('highmem'),
    protected: lastOf('protected'),
    iomem: device,
    missing: [],
  };
  // Touched in an order that leaves some neighbours apart in the host's memory.
  for (const pages of [kinds.lowmem, kinds.highmem])
    for (const i of [5, 0, 1, 2, 9, 8]) machine.physical(pages[i]!)[0] = 0;
  for (const [i, page] of pagesOf({ kinds }).entries())
    machine.physical(page).forEach((_, at, bytes) => (bytes[at] = i * 31 + at * 7));
  return { machine, task: machine.task('copier'), kinds };
}

function pagesOf({ kinds }: Pick<World, 'kinds'>): readonly Page[] {
  return Object.values(kinds)
    .flat()
    .filter((page) => page !== undefined);
}

interface Entry {
  readonly kind: Kind;
  readonly page: number;
  readonly offset: number;
  readonly length: number;
}

/** A table, cut into pieces as if it had been copied before, or not. */
function tableOf(
  { kinds }: Pick<World, 'kinds'>,
  entries: readonly Entry[],
  isKnown = true,
): SgTable<MemoryKind> {
  const made = sgAllocTable<MemoryKind>(entries.length);
  if (!made.ok) throw new Error(made.error.code);
  let sg = made.value.sgl;
  for (const { kind, page, offset, length } of entries) {
    sg!.array.set(sg!.slot, kinds[kind][page] ?? null, length, offset, 'compatible');
    sg = sgNext(sg!);
  }
  if (isKnown) for (const wholeEntries of [false, true]) piecesOf(made.value, wholeEntries);
  return made.value;
}

const entry = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      page: fc.nat(PAGES - 1),
      offset: fc.oneof(fc.constant(0), fc.nat(3 * PAGE)),
      length: fc.oneof(
        fc.constant(0),
        fc.constant(PAGE),
        fc.integer({ min: 1, max: 64 }).map((n) => n * 8),
        fc.nat(3 * PAGE),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      page: fc.nat(PAGES - 1),
      offset: fc.nat(3).map((n) => n * 64),
      length: fc.constantFrom(64, 64, 64, 8, 128),
    }),
  },
);

/** Mostly system RAM; else a kind that stands for all of the list. */
const kindOf = fc.oneof(
  { weight: 24, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constantFrom<Kind>('lowmem', 'highmem') },
  { weight: 1, arbitrary: fc.constantFrom<Kind>('protected', 'iomem', 'missing') },
);

const job = fc.record({
  entries: fc.array(fc.tuple(entry, kindOf), { minLength: 1, maxLength: 12 }),
  onlyShort: fc.boolean(),
  skipBytes: fc.oneof(
    fc.constant(0),
    fc.nat(30).map((n) => n * 64),
    fc.nat(2000),
  ),
  lengthBytes: fc.oneof(
    fc.nat(60).map((n) => n * 64),
    fc.nat(4000),
  ),
  bufferOffset: fc.oneof(fc.constant(0), fc.nat(9)),
  overlaps: fc.oneof(
    { weight: 4, arbitrary: fc.constant(-1) },
    { weight: 1, arbitrary: fc.nat(PAGES * PAGE) },
  ),
  kind: fc.constantFrom<Kind>('lowmem', 'highmem', 'lowmem', 'highmem', 'iomem'),
  work: fc.constantFrom('toBuffer', 'fromBuffer', 'fill'),
  onViolation: fc.constantFrom('throw', 'record'),
  kmMaxIdx: fc.constantFrom(2, 16, 16),
  held: fc.constantFrom(false, false, true),
  pkmapSlots: fc.constantFrom(2, 64),
  bounceSlots: fc.constantFrom(1, 8),
});

type Job = typeof job extends fc.Arbitrary<infer T> ? T : never;

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

function isThrown(answer: unknown): boolean {
  return typeof answer === 'string';
}

/** A buffer of its own, or one that lies over the machine's memory, perhaps over the list. */
function bufferOf(how: Job, { machine, kinds }: World): Uint8Array {
  const { lengthBytes, bufferOffset, overlaps } = how;
  if (overlaps < 0) {
    const room = Uint8Array.from({ length: lengthBytes + 16 }, (_, i) => (i * 37) ^ (i >> 3));
    return room.subarray(bufferOffset, bufferOffset + lengthBytes);
  }
  const page = kinds[how.kind][0]!;
  const { buffer, byteOffset, byteLength } = machine.physical(page);
  const at = byteOffset + (overlaps % byteLength);
  return new Uint8Array(buffer, at, Math.min(lengthBytes, buffer.byteLength - at));
}

function outcomeOf(
  how: Job,
  bind: (task: Task) => MapBackend,
  { mode, trace }: (typeof MACHINES)[number],
): { readonly answers: readonly unknown[]; readonly violations: readonly unknown[] } {
  const { onViolation, kmMaxIdx, pkmapSlots, bounceSlots } = how;
  const options = { mode, trace, onViolation, kmMaxIdx, pkmapSlots, bounceSlots } satisfies MachineOptions;
  const world = worldOf(options);
  const { machine, task } = world;
  expect(machine.watch.isIdle).to.equal(!trace);
  if (how.held) kmapLocalPage(task, world.kinds.highmem[3]!);
  const entries = how.entries
    .filter(([{ length }]) => !how.onlyShort || length <= 128)
    .map(([plain, kind]): Entry => ({ ...plain, kind: kind ?? how.kind }));
  const table = tableOf(
    world,
    entries.length > 0 ? entries : [{ ...how.entries[0]![0], kind: how.kind }],
    false,
  );
  const buffer = bufferOf(how, world);
  const backend = bind(task);
  const { skipBytes } = how;
  const work = (round: number): unknown => {
    if (how.work === 'fill')
      return sgFill<typeof backend, MemoryKind>(
        table,
        200 + round,
        { lengthBytes: buffer.length, skipBytes },
        backend,
      );
    const copy = how.work === 'toBuffer' ? sgPcopyToBuffer : sgPcopyFromBuffer;
    return copy<typeof backend, MemoryKind>(table, buffer, backend, skipBytes);
  };
  // A short list is walked first and cut by the second copy; the third keeps views of the buffer and the fourth uses them.
  const answers = [1, 2, 3, 4].map((n) => attempt(() => work(n)));
  const rest = {
    bytes: Buffer.concat([buffer, ...pagesOf(world).map((page) => machine.physical(page))]).toString(
      'latin1',
    ),
    ledger: machine.ledger,
    state: task.state(),
    localMaps: [task.localMaps.idx, ...task.localMaps.entries],
    slots: [...machine.hardware.pageTable.local.entries],
    tlb: task.cpu.tlb.entries(),
    live: machine.liveMappings,
  };
  const violations = machine.violations.map(({ rule, severity, what, context, mapping, foundAt }) => ({
    rule,
    severity,
    what,
    context,
    mapping: mapping && { ...mapping, mappedAt: mapping.mappedAt?.line, unmappedAt: undefined },
    line: foundAt?.line,
  }));
  return { answers, violations, ...rest };
}

describe('byPieces', () => {
  for (const [name, bind] of Object.entries(BACKENDS)) {
    it(`cannot be told from mapping each page, through ${name}`, () => {
      fc.assert(
        fc.property(job, (how) => {
          const [direct, traced, checked, checkedTraced] = MACHINES.map((options) =>
            outcomeOf(how, bind, options),
          );
          expect(direct).to.deep.equal(traced);
          expect(checked).to.deep.equal(checkedTraced);
          // Where nothing is wrong, checking changes nothing either; but bytes that move onto themselves are
          // moved a page at a time there.
          const found = checked!.violations.length + checked!.answers.filter(isThrown).length;
          if (found === 0 && how.overlaps < 0) expect({ ...checked, tlb: [] }).to.deep.equal(direct);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('reads each buffer that it is given, in turn', () => {
    const world = worldOf({ mode: 'direct' });
    const table = tableOf(world, [{ kind: 'highmem', page: 0, offset: 0, length: 200 }]);
    const local = kmapLocal(world.task);
    const first = new Uint8Array(200).fill(1);
    const second = new Uint8Array(200).fill(2);
    for (const buffer of [first, first, first, second, first, second, second, second]) {
      void sgPcopyFromBuffer<typeof local, MemoryKind>(table, buffer, local, 0);
      expect(world.machine.physical(world.kinds.highmem[0]!)[199]).to.equal(buffer[0]);
    }
  });

  it('keeps apart ranges of one list that end within pieces', () => {
    const world = worldOf({ mode: 'direct' });
    const entries = [0, 1, 2, 3].map((page) => ({ kind: 'highmem' as const, page, offset: 8, length: 200 }));
    const table = tableOf(world, entries);
    const whole = new Uint8Array(800);
    const local = kmapLocal(world.task);
    void sgCopyToBuffer<typeof local, MemoryKind>(table, whole, local);
    for (const [skipBytes, length] of [
      [3, 500],
      [3, 500],
      [4, 500],
      [3, 501],
      [3, 500],
      [199, 2],
      [200, 200],
      [250, 50],
      [250, 150],
      [799, 9],
      [800, 9],
      [900, 9],
    ] as const) {
      const part = new Uint8Array(length);
      const want = whole.subarray(skipBytes, skipBytes + length);
      expect(sgPcopyToBuffer<typeof local, MemoryKind>(table, part, local, skipBytes)).to.deep.equal({
        ok: true,
        value: want.length,
      });
      expect([...part.subarray(0, want.length)]).to.deep.equal([...want]);
    }
  });

  it('fills as many bytes as are asked for and there, and refuses what is no number of bytes', () => {
    const world = worldOf({ mode: 'direct' });
    const entries = [0, 1, 2].map((page) => ({ kind: 'highmem' as const, page, offset: 8, length: 200 }));
    const table = tableOf(world, entries);
    const local = kmapLocal(world.task);
    const before = world.machine.ledger;
    expect(sgZeroBuffer<typeof local, MemoryKind>(table, 0, local)).to.deep.equal({ ok: true, value: 0 });
    for (const lengthBytes of [-1, Number.NaN, 1.5, 2 ** 53])
      expect(violationOf(() => sgZeroBuffer<typeof local, MemoryKind>(table, lengthBytes, local))).to.equal(
        'bad-number',
      );
    expect(world.machine.ledger).to.deep.equal(before);
    expect(sgZeroBuffer<typeof local, MemoryKind>(table, Infinity, local, 599)).to.include({ value: 1 });
    expect(sgZeroBuffer<typeof local, MemoryKind>(table, 10, local, 600)).to.include({ value: 0 });
    const bytes = world.machine.physical(world.kinds.highmem[2]!);
    expect([bytes[206], bytes[207], bytes[208]]).to.satisfy(
      ([a, b, c]: number[]) => a !== 0 && b === 0 && c !== 0,
    );
  });

  it('refuses a negative skip as the walk does', () => {
    const [fast, slow] = [false, true].map((trace) => {
      const world = worldOf({ mode: 'direct', trace });
      const table = tableOf(world, [{ kind: 'highmem', page: 0, offset: 100, length: 100 }]);
      const local = kmapLocal(world.task);
      return attempt(() => sgPcopyToBuffer<typeof local, MemoryKind>(table, new Uint8Array(8), local, -1));
    });
    expect(String(fast))
      .to.match(/skip of -1 bytes/)
      .and.to.equal(slow);
  });

  it('touches no more of a huge entry than it copies', () => {
    for (const mode of ['direct', 'checked'] as const) {
      const machine = createMachine({ mode, lowmemPages: 2 ** 21 });
      const { memory } = machine.hardware;
      const made = sgAllocTable<MemoryKind>(1);
      if (!made.ok) throw new Error(made.error.code);
      // To allocate all would make a million objects.
      for (const n of [2, 1, 0]) memory.page(2 ** 20 - n).owner = ALLOCATED;
      sgSetPage(made.value.sgl!, memory.page(1), 2 ** 32 - 101, 100);
      const direct = pageAddress(machine.task());
      machine.physical(memory.page(2 ** 20))[4095] = 5;
      const out = new Uint8Array(10);
      const skipBytes = 2 ** 32 - 102 - 100 - 8193;
      const copied = sgPcopyToBuffer<typeof direct, MemoryKind>(made.value, out, direct, skipBytes);
      expect(copied).to.deep.equal({ ok: true, value: 10 });
      expect(memory.touchedPages).to.be.at.most(3);
    }
  });

  it('stays out of the way on a compatible machine', () => {
    const machine = createMachine({ mode: 'direct', semantics: 'compatible' });
    expect(machine.watch.isOff).to.equal(true);
    const made = sgAllocTable<'highmem'>(2);
    if (!made.ok) throw new Error(made.error.code);
    const [page, next] = machine.allocPages(2, { zone: 'highmem' });
    // An empty entry with an offset is mapped by Linux, and carries a page into the next entry.
    sgSetPage(made.value.sgl!, page!, 0, 4096);
    sgSetPage(sgNext(made.value.sgl!)!, page!, 8192, 0);
    machine.physical(next!).fill(9);
    const out = new Uint8Array(8192);
    expect(sgPcopyToBuffer(made.value, out, kmapLocal(machine.task()), 0).value).to.equal(4096);
    expect(out[0]).to.equal(9);
  });

  it('reports an entry over two kinds of memory; compatible names the page that its backend cannot reach', () => {
    const answers = [{}, { trace: true }, { semantics: 'compatible' } as const].map((options) => {
      const world = worldOf({ mode: 'checked', ...options });
      const inner = pageAddress(world.task);
      const mine = defineBackend(world.task, {
        contract: PAGE_ADDRESS,
        map: (page, offset, length) => inner.map(page, offset, length),
        unmap: (mapping) => inner.unmap(mapping),
      });
      const into = { kind: 'lowmem', page: PAGES - 1, offset: PAGE - 8, length: 16 } as const;
      const table = tableOf(world, [into]);
      return attempt(() => sgCopyToBuffer<typeof mine, MemoryKind>(table, new Uint8Array(16), mine));
    });
    const [fast, slow, compatible] = answers;
    expect(fast).to.match(/scatterlist entry over two kinds of memory/);
    expect(fast).to.deep.equal(slow);
    expect(compatible).to.have.nested.property('error.code', 'Unmappable');
    expect(compatible).to.have.nested.property('error.kind', 'protected');
  });
});

describe('byPieces on a checked machine', () => {
  /** A list of two highmem pages, and how often it was mapped page by page. */
  function setUp(options: MachineOptions = {}) {
    const world = worldOf({ mode: 'checked', ...options });
    const entries = [0, 1].map((page) => ({ kind: 'highmem' as const, page, offset: 0, length: PAGE }));
    const table = tableOf(world, entries);
    const inner = kmapLocal(world.task);
    let mapped = 0;
    const local = defineBackend(world.task, {
      contract: KMAP_LOCAL,
      map: (page, offset, length) => {
        mapped += 1;
        return inner.map(page, offset, length);
      },
      unmap: (mapping) => inner.unmap(mapping),
      pass: (range, second) => inner.pass?.(range, second) ?? 0,
    });
    /** Maps of a copy of the list. */
    const mapsOf = (): number => {
      mapped = 0;
      void sgCopyToBuffer<typeof local, MemoryKind>(table, new Uint8Array(2 * PAGE), local);
      return mapped;
    };
    return { ...world, table, local, mapsOf, page: world.kinds.highmem[0]!, inner };
  }

  it('takes the fast way while no rule could be broken', () => {
    const { machine, mapsOf } = setUp();
    expect([mapsOf(), machine.ledger.maps, machine.live.size]).to.deep.equal([0, 2, 0]);
    for (const options of [{ trace: true }, { trackUninitialised: true }, { dcacheColours: 2 }]) {
      const { machine: watched, mapsOf: mapsOn } = setUp({ ...options, onViolation: 'record' });
      expect([mapsOn(), watched.ledger.maps]).to.deep.equal([2, 2]);
    }
  });

  it('maps page by page while an array of a mapping is live, and shows it what was copied', () => {
    const { task, table, mapsOf, local, page } = setUp();
    const held = kmapLocalPage(task, page);
    expect(mapsOf()).to.equal(0);
    const { bytes } = held;
    bytes[0] = 200;
    expect(mapsOf()).to.equal(2);
    const out = new Uint8Array(2);
    void sgCopyToBuffer<typeof local, MemoryKind>(table, out, local);
    expect(out[0]).to.equal(200);
    void sgCopyFromBuffer<typeof local, MemoryKind>(table, Uint8Array.of(201, 202), local);
    expect([bytes[0], bytes[1]]).to.deep.equal([201, 202]);
    kunmapLocal(task, held);
    expect(mapsOf()).to.equal(0);
  });

  it('moves bytes onto themselves as the walk does', () => {
    for (const toBuffer of [true, false]) {
      const [fast, slow] = [false, true].map((trace) => {
        const world = worldOf({ mode: 'checked', trace });
        const [page] = world.kinds.lowmem;
        const table = tableOf(world, [{ kind: 'lowmem', page: 0, offset: 0, length: 2 * PAGE }]);
        const { buffer, byteOffset } = world.machine.physical(page!);
        const over = new Uint8Array(buffer, byteOffset + 8, 2 * PAGE);
        const direct = pageAddress(world.task);
        const copy = toBuffer ? sgCopyToBuffer : sgCopyFromBuffer;
        void copy<typeof direct, MemoryKind>(table, over, direct);
        return [...over];
      });
      expect(fast).to.deep.equal(slow);
    }
  });

  it('finds who writes to an array of a released mapping', () => {
    const { machine, task, mapsOf, page } = setUp({ onViolation: 'record' });
    const held = kmapLocalPage(task, page);
    const { bytes } = held;
    kunmapLocal(task, held);
    bytes[7] = 1;
    expect(mapsOf()).to.equal(0);
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['use-after-unmap']);
  });

  it('maps page by page while a device owns memory, and finds what it owns', () => {
    const { machine, mapsOf, page } = setUp({ onViolation: 'record' });
    const owned = new DmaMapping(dmaAddr(0), 'fromDevice', [{ page, offset: 8, length: 8 }], undefined);
    machine.deviceOwned.add(owned);
    expect(mapsOf()).to.equal(2);
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-cpu-access']);
    machine.deviceOwned.delete(owned);
    expect(mapsOf()).to.equal(0);
  });

  it('maps page by page once memory has failed, and finds where', () => {
    const { machine, mapsOf, page } = setUp({ onViolation: 'record' });
    expect(mapsOf()).to.equal(0);
    machine.memoryErrors.poison(page, 100);
    expect(mapsOf()).to.equal(2);
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['poison-consumed']);
  });

  it('asks for the key of protected pages, and reports an entry that runs into them', () => {
    const { machine, task, kinds } = worldOf({ mode: 'checked' });
    const local = kmapLocal(task);
    const between = tableOf({ kinds }, [
      { kind: 'lowmem', page: 0, offset: 0, length: 8 },
      { kind: 'protected', page: 0, offset: 0, length: 8 },
      { kind: 'highmem', page: 1, offset: 0, length: 8 },
    ]);
    const out = new Uint8Array(24);
    expect(sgCopyToBuffer<typeof local, MemoryKind>(between, out, local)).to.deep.equal({
      ok: true,
      value: 24,
    });
    expect(out[8]).to.equal(machine.physical(kinds.protected[0]!)[0]);
    expect([machine.ledger.keySwitches, machine.violations]).to.deep.equal([2, []]);
    // They lie behind lowmem, and have a permanent address.
    const direct = pageAddress(task);
    const into = tableOf({ kinds }, [{ kind: 'lowmem', page: PAGES - 1, offset: PAGE - 8, length: 16 }]);
    const copy = (): unknown => sgCopyToBuffer<typeof direct, MemoryKind>(into, out, direct);
    expect(violationOf(copy)).to.equal('sg-mixed-kinds');
  });

  it('finds a slot too many', () => {
    const { task, mapsOf, page } = setUp({ kmMaxIdx: 2 });
    kmapLocalPage(task, page);
    expect(mapsOf).to.throw(/slot-overflow/);
  });

  it('finds a slot that is not empty, and a translation that is out of date', () => {
    const busy = setUp();
    busy.machine.hardware.pageTable.local.set(0, busy.page.pfn);
    expect(busy.mapsOf).to.throw(/slot-busy/);
    const stale = setUp({ onViolation: 'record' });
    const { addresses } = stale.machine.hardware;
    stale.task.cpu.tlb.fill(addresses.local(0), stale.page.pfn + 5);
    expect(stale.mapsOf()).to.equal(1);
    expect(stale.machine.violations.map(({ rule }) => rule)).to.deep.equal(['stale-tlb']);
    expect([stale.task.cpu.tlb.entries(), stale.mapsOf()]).to.deep.equal([[], 0]);
  });

  it('cuts a few pages of a list only when they are copied again, or something watches', () => {
    const cutsOf = (
      mode: 'direct' | 'checked',
      pages: number,
      slots: readonly number[],
    ): readonly boolean[] => {
      const machine = createMachine({ mode });
      const made = sgAllocTableFromPages(machine.allocPages(40, { zone: 'highmem', layout: 'scattered' }), {
        size: 40 * machine.pageSize,
      });
      if (!made.ok) throw new Error(made.error.code);
      const local = kmapLocal(machine.task('copier'));
      const { array } = made.value.sgl!;
      return slots.map((slot) => {
        const part: SgList<'highmem'> = { sgl: array.entry(slot), origNents: origNents(pages) };
        const out = new Uint8Array(pages * machine.pageSize);
        machine.physical(array.pages[slot]!).fill(slot + 1);
        expect(sgCopyToBuffer(part, out, local)).to.deep.equal({ ok: true, value: out.length });
        expect(out[0]).to.equal(slot + 1);
        return isCut(part, false);
      });
    };
    expect(cutsOf('direct', 2, [0, 3, 5, 5, 5, 0])).to.deep.equal([false, false, false, true, true, false]);
    expect(cutsOf('direct', 8, [0, 3])).to.deep.equal([false, false]);
    expect(cutsOf('direct', 9, [0, 3])).to.deep.equal([true, true]);
    expect(cutsOf('checked', 2, [0, 3])).to.deep.equal([true, true]);
  });

  it('leaves a buffer whose end is beyond numbers of 32 bits, and one over memory, to the walk', () => {
    const machine = createMachine({ mode: 'direct' });
    const backend = kmapLocal(machine.task('copier'));
    const page = machine.allocPage({ zone: 'highmem' });
    const list = { sgl: null, origNents: origNents(0) };
    for (const [buffer, isFast] of [
      [Object.defineProperty(new Uint8Array(0), 'length', { value: 2 ** 32 - 1 }), true],
      [Object.defineProperty(new Uint8Array(0), 'length', { value: 2 ** 32 }), false],
      [machine.physical(page), false],
      [new Uint8Array(machine.physical(page)), true],
    ] as const) {
      expect([copiesByPieces(list, buffer, backend, 0), mayPass(backend)]).to.deep.equal([isFast, true]);
    }
  });

  it('copies, fills and pairs through a backend of a user with one line as through ours', () => {
    const world = worldOf({ mode: 'direct' });
    const { machine, task } = world;
    let mapped = 0;
    const mine = defineBackend(task, {
      contract: { ...KMAP_LOCAL, name: 'mine' },
      map: (page, offset, length) => {
        mapped += 1;
        return ok(mapLocal(task, page, offset, length));
      },
      unmap: (mapping) => {
        kunmapLocal(task, mapping);
      },
      pass: (range, inner) => passLocal(task, range, inner),
    });
    const entries = (first: number) =>
      [0, 1, 2].map((n) => ({ kind: 'highmem', page: first + n, offset: 8, length: 200 }) as const);
    const [one, two] = [tableOf(world, entries(0)), tableOf(world, entries(3))];
    const costs = [mine, kmapLocal(task)].map((backend) => {
      const before = machine.ledger;
      const buffer = new Uint8Array(600);
      void sgCopyToBuffer<typeof backend, MemoryKind>(one, buffer, backend);
      void sgCopyFromBuffer<typeof backend, MemoryKind>(two, buffer, backend);
      void sgFill<typeof backend, MemoryKind>(one, 1, { lengthBytes: 500 }, backend);
      void sgCopyList<typeof backend, MemoryKind, MemoryKind>(one, two, { lengthBytes: 600 }, backend);
      const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
      return [
        maps - before.maps,
        unmaps - before.unmaps,
        pteWrites - before.pteWrites,
        flushesLocal - before.flushesLocal,
      ];
    });
    expect([mapped, costs[0]]).to.deep.equal([0, [15, 15, 30, 15]]);
    expect(costs[1]).to.deep.equal(costs[0]);
  });

  it('refuses a backend that passes pieces without bytes, and does not believe one that passes too many', () => {
    const world = worldOf({ mode: 'direct' });
    const { task } = world;
    const inner = kmapLocal(task);
    let answer = 1;
    let mapped = 0;
    const wrong = defineBackend(task, {
      contract: KMAP_LOCAL,
      map: (page, offset, length) => {
        mapped += 1;
        return inner.map(page, offset, length);
      },
      unmap: (mapping) => inner.unmap(mapping),
      pass: () => answer,
    });
    const io = tableOf(world, [{ kind: 'iomem', page: 0, offset: 0, length: 8 }]);
    const none = tableOf(world, [{ kind: 'protected', page: 0, offset: 0, length: 8 }]);
    const ram = tableOf(world, [{ kind: 'highmem', page: 0, offset: 0, length: 8 }]);
    const out = new Uint8Array(8);
    const copy = (list: SgTable<MemoryKind>): unknown =>
      sgCopyToBuffer<typeof wrong, MemoryKind>(list, out, wrong);
    expect(copy(io)).to.deep.equal({ ok: true, value: 8 });
    expect(() => copy(none)).to.throw(/passed piece 0 of a list, which is neither system RAM in one run/);
    expect(() => sgFill<typeof wrong, MemoryKind>(none, 1, { lengthBytes: 8 }, wrong)).to.throw(
      /passed piece 0/,
    );
    for (answer of [2, -1, 0.5, Number.NaN]) {
      mapped = 0;
      expect([copy(ram), mapped], String(answer)).to.deep.equal([{ ok: true, value: 8 }, 1]);
    }
  });
});
