import { expect } from 'chai';
import * as fc from 'fast-check';
import { createMachine } from 'scatterlist';
import type { MachineOptions, MapBackend, Mapping, MemoryKind, Page } from 'scatterlist';
import * as backends from 'scatterlist/backends';
import {
  FixedSlots,
  ioremap,
  iounmap,
  kmap,
  kmapAtomicType,
  kmapFlushUnused,
  kmapLocalPage,
  kunmap,
  kunmapAtomicType,
  kunmapLocal,
  runAlone,
  vmap,
  vmapPfn,
  vunmap,
  vunmapPfn,
} from 'scatterlist/machine';
import type { AddressSpaceDump, DumpedArea, DumpedRange, Machine, Task } from 'scatterlist/machine';

const SIZES = { lowmemPages: 32, highmemPages: 32, protectedPages: 4, unmappablePages: 4, vmallocPages: 64 };

function area<N extends DumpedArea['name']>(
  dump: AddressSpaceDump,
  name: N,
): Extract<DumpedArea, { name: N }> {
  const found = dump.areas.find((one): one is Extract<DumpedArea, { name: N }> => one.name === name);
  if (found === undefined) throw new Error(`no area ${name}`);
  return found;
}

/** The frame at an address, by the dump. */
function frameAt({ areas }: AddressSpaceDump, address: number, pageSize: number): number | undefined {
  const ranges: readonly DumpedRange[] = areas.flatMap(({ ranges: all }) => all);
  const range = ranges.find(({ start, end }) => address >= start && address < end);
  return range && range.firstPfn + Math.floor((address - range.start) / pageSize);
}

/** Pages outside the linear map that are mapped, as `address=frame`, without slots of the pool that have no user. */
function extra({ areas }: AddressSpaceDump, pageSize: number): readonly string[] {
  return areas
    .flatMap((one): readonly DumpedRange[] => (one.name === 'linear' ? [] : one.ranges))
    .filter((range) => !('count' in range) || range.count !== 1)
    .flatMap(({ start, pages, firstPfn }) =>
      Array.from({ length: pages }, (_, i) => `${String(start + i * pageSize)}=${String(firstPfn + i)}`),
    );
}

type Bind = (task: Task) => MapBackend;

const BACKENDS: Readonly<Record<string, Bind>> = {
  kmapLocal: backends.kmapLocal,
  kmapAtomic: backends.kmapAtomic,
  kmap: backends.kmap,
  pageAddress: backends.pageAddress,
  vmap: backends.vmap,
  pgmap: backends.pgmap,
  ioAccess: backends.ioAccess,
  iomemBounce: backends.iomemBounce,
  recorder: (task) => backends.recorder(backends.kmapLocal(task)),
  faultInjection: (task) => backends.faultInjection(backends.vmap(task), {}),
};

const CONFIGS: readonly MachineOptions[] = [
  {},
  { mode: 'direct' },
  { highmem: false },
  { forceMap: true },
  { kmapHighGet: true },
  { preemptRt: true },
  { lowmemPages: 2 ** 18 },
  { pageSize: 65536 },
];

describe('dumpAddresses', () => {
  it('property: what every backend maps is at its address, and nothing else is', () => {
    const step = fc.record({
      backend: fc.constantFrom(...Object.keys(BACKENDS)),
      kind: fc.constantFrom<MemoryKind>('lowmem', 'highmem', 'protected', 'iomem'),
      page: fc.nat(7),
      release: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.constantFrom(...CONFIGS), fc.array(step, { maxLength: 12 }), (config, steps) => {
        const machine = createMachine({ ...SIZES, pkmapSlots: 8, bounceSlots: 16, ...config });
        const task = machine.task('driver');
        const pages: Readonly<Partial<Record<MemoryKind, readonly Page[]>>> = {
          lowmem: machine.allocPages(8, { zone: 'lowmem' }),
          highmem: machine.allocPages(8, { zone: 'highmem' }),
          protected: machine.allocPages(4, { zone: 'protected' }),
          iomem: machine.ioRegion(8),
        };
        const bound = Object.fromEntries(Object.entries(BACKENDS).map(([name, bind]) => [name, bind(task)]));
        const live: { readonly mapping: Mapping; readonly release: () => void }[] = [];
        const check = (): void => {
          const dump = machine.dumpAddressSpace();
          for (const { mapping } of live)
            expect(frameAt(dump, mapping.vaddr, machine.pageSize)).to.equal(mapping.page.pfn);
          const { addresses } = machine.hardware;
          const direct = (address: number): boolean =>
            address >= addresses.pageOffset && address < addresses.directEnd;
          const mapped = live
            .filter(({ mapping }) => !direct(mapping.vaddr))
            .map(
              ({ mapping: { vaddr, page } }) => `${String(addresses.pageBase(vaddr))}=${String(page.pfn)}`,
            );
          expect([...extra(dump, machine.pageSize)].sort()).to.deep.equal([...new Set(mapped)].sort());
        };
        for (const { backend: name, kind, page: at, release } of steps) {
          const backend = bound[name];
          const page = pages[kind]?.[at % (pages[kind].length || 1)];
          const isAtomic = task.preemptCount > 0 || task.pagefaultDisabled > 0;
          if (release) live.pop()?.release();
          else if (backend && page && !(isAtomic && backend.contract.contexts.length === 1)) {
            const made = backend.map(page, 0, 64);
            if (made.ok) {
              const mapping = made.value;
              live.push({
                mapping,
                release: () => {
                  backend.unmap(mapping);
                },
              });
            }
          }
          check();
        }
        while (live.length > 0) {
          live.pop()?.release();
          check();
        }
      }),
      { numRuns: 60 },
    );
  });

  const machine = createMachine({ ...SIZES, pkmapSlots: 8 });
  const [task, other] = [machine.task('driver'), machine.task('other', { cpu: 1 })];
  const pages = machine.allocPages(4, { zone: 'highmem' });
  const [page, next] = [pages[0]!, pages[1]!];

  it('has the areas by address, with nothing mapped outside the linear map at first', () => {
    const { areas } = machine.dumpAddressSpace();
    expect(areas.map(({ name }) => name)).to.deep.equal(['linear', 'vmalloc', 'pkmap', 'fixmap']);
    const { addresses } = machine.hardware;
    expect(areas.map(({ start }) => start)).to.deep.equal([
      addresses.pageOffset,
      addresses.vmallocStart,
      addresses.pkmapBase,
      addresses.local(addresses.localSlots - 1),
    ]);
    expect(areas.map(({ start, end }) => (end - start) / machine.pageSize)).to.deep.equal([
      40,
      64,
      8,
      addresses.localSlots,
    ]);
    for (const [i, { end }] of areas.entries()) expect(end).to.be.at.most(areas[i + 1]?.start ?? Infinity);
    expect(areas.slice(1).map(({ ranges }) => ranges)).to.deep.equal([[], [], []]);
    const far = createMachine({ lowmemPages: 2 ** 18, highmemPages: 0 }).dumpAddressSpace();
    expect(far.areas.map(({ name }) => name)).to.deep.equal(['vmalloc', 'pkmap', 'fixmap', 'linear']);
  });

  it('has the linear map by kind of memory, with a hole where memory was removed from it', () => {
    const kinds = ({ areas }: AddressSpaceDump): unknown =>
      areas.find(({ name }) => name === 'linear')?.ranges.map((r) => [r.kind, r.firstPfn, r.pages, r.access]);
    expect(kinds(machine.dumpAddressSpace())).to.deep.equal([
      ['lowmem', 0, 32, 'read-write'],
      ['protected', 32, 4, 'with key'],
    ]);
    expect(kinds(createMachine({ ...SIZES, highmem: false }).dumpAddressSpace())).to.deep.equal([
      ['lowmem', 0, 32, 'read-write'],
      ['highmem', 32, 32, 'read-write'],
      ['protected', 64, 4, 'with key'],
    ]);
  });

  it('has for a slot of the pool its count and users, until a pass recycles it', () => {
    const slots = (): unknown =>
      area(machine.dumpAddressSpace(), 'pkmap').ranges.map((r) => [r.slot, r.pages, r.count, r.holders]);
    runAlone(task, kmap(task, page));
    runAlone(task, kmap(task, next));
    const by = (name: string): unknown => ({ name, mechanism: 'kmap' });
    expect(slots()).to.deep.equal([[1, 2, 2, [by('driver')]]]);
    const again = runAlone(other, kmap(other, next));
    expect(slots()).to.deep.equal([
      [1, 1, 2, [by('driver')]],
      [2, 1, 3, [by('driver'), by('other')]],
    ]);
    kunmap(other, again);
    kunmap(task, next);
    expect(slots()).to.deep.equal([
      [1, 1, 2, [by('driver')]],
      [2, 1, 1, []],
    ]);
    kunmap(task, page);
    expect(slots()).to.deep.equal([[1, 2, 1, []]]);
    kmapFlushUnused(task);
    expect(slots()).to.deep.equal([]);
  });

  it('has for a local slot its CPU, index and owner, also where the owner is an interrupt', () => {
    const slots = (): unknown =>
      area(machine.dumpAddressSpace(), 'fixmap').ranges.map((r) => [r.start, r.cpu, r.index, r.holders]);
    const outer = kmapLocalPage(task, page);
    const far = kmapLocalPage(other, page);
    machine.interrupt('hardirq', (irq) => {
      const inner = kmapLocalPage(irq, next);
      expect(slots()).to.deep.equal([
        [far.vaddr, 1, 0, [{ name: 'other', mechanism: 'kmap_local' }]],
        [inner.vaddr, 0, 1, [{ name: 'hardirq', mechanism: 'kmap_local' }]],
        [outer.vaddr, 0, 0, [{ name: 'driver', mechanism: 'kmap_local' }]],
      ]);
      kunmapLocal(irq, inner);
    });
    // What is switched out is not mapped, even if the next task has the same page in the same slot.
    const third = machine.task('third');
    machine.schedule(third);
    expect(slots()).to.deep.equal([[far.vaddr, 1, 0, [{ name: 'other', mechanism: 'kmap_local' }]]]);
    const same = kmapLocalPage(third, page);
    expect(slots()).to.deep.include([outer.vaddr, 0, 0, [{ name: 'third', mechanism: 'kmap_local' }]]);
    kunmapLocal(third, same);
    kunmapLocal(task, outer);
    kunmapLocal(other, far);
    expect(slots()).to.deep.equal([]);
  });

  it('has runs of frames in the vmalloc area, of memory and of devices', () => {
    const runs = (): unknown =>
      area(machine.dumpAddressSpace(), 'vmalloc').ranges.map((r) => [
        r.firstPfn,
        r.pages,
        r.kind,
        r.device,
        r.holders.map(({ mechanism }) => mechanism),
      ]);
    const mixed = vmap(task, [page, next, pages[3]!]);
    const io = machine.ioRegion(4, { name: 'uart' });
    const registers = ioremap(task, io[0]!.phys, machine.pageSize + 1);
    const frames = vmapPfn(task, [io[3]!.pfn]);
    if (!mixed.ok || !registers.ok || !frames.ok) throw new Error('no room');
    expect(runs()).to.deep.equal([
      [page.pfn, 2, 'highmem', undefined, ['vmap']],
      [pages[3]!.pfn, 1, 'highmem', undefined, ['vmap']],
      [io[0]!.pfn, 2, 'iomem', 'uart', ['ioremap']],
      [io[3]!.pfn, 1, 'iomem', 'uart', ['vmap_pfn']],
    ]);
    vunmap(task, mixed.value);
    iounmap(task, registers.value);
    vunmapPfn(task, frames.value);
    expect(runs()).to.deep.equal([]);
  });

  it('names on a direct machine the task whose slot it is', () => {
    const direct = createMachine({ ...SIZES, mode: 'direct' });
    const user = direct.task('user');
    const window = kmapLocalPage(user, direct.allocPage({ zone: 'highmem' }));
    expect(area(direct.dumpAddressSpace(), 'fixmap').ranges.map(({ holders }) => holders)).to.deep.equal([
      [{ name: 'user', mechanism: undefined }],
    ]);
    kunmapLocal(user, window);
    expect(area(direct.dumpAddressSpace(), 'fixmap').ranges).to.deep.equal([]);
  });

  it('shows what a kernel without DEBUG_HIGHMEM leaves in a slot, and that no context holds it', () => {
    const localSlots = (hardware: Machine['hardware']): FixedSlots =>
      new FixedSlots(hardware, { debug: false });
    const old = createMachine({ ...SIZES, kmMaxIdx: 16 }, { localSlots });
    const user = old.task('user');
    const window = kmapAtomicType(user, old.allocPage({ zone: 'highmem' }), 'KM_USER0');
    const holders = (): unknown => area(old.dumpAddressSpace(), 'fixmap').ranges.map((r) => r.holders);
    expect(holders()).to.deep.equal([[{ name: 'user', mechanism: 'KM_USER0' }]]);
    kunmapAtomicType(user, window);
    expect(holders()).to.deep.equal([[]]);
  });

  it('is a read: it makes no context the executing one and changes no count', () => {
    const still = createMachine({ ...SIZES, trace: true });
    still.task('idle');
    const before = [still.executing, still.ledger, still.events.length, still.hardware.memory.touchedPages];
    still.dumpAddressSpace();
    expect([
      still.executing,
      still.ledger,
      still.events.length,
      still.hardware.memory.touchedPages,
    ]).to.deep.equal(before);
  });
});
