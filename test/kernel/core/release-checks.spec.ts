import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine, runAlone, sgInitTable, sgMap, sgSetPage, sgUnmap } from 'scatterlist';
import type { Context, Machine, MapBackend, Mapping, MemoryKind, Page, Task } from 'scatterlist';
import {
  closeDirect,
  kunmapAtomic as kunmapAtomicOfBackends,
  mapAtomic,
  mapContiguous,
  mapIo,
  mapLocal,
  openDirect,
  tryMapPool,
  unmapIo,
} from 'scatterlist/backend';
import {
  faultInjection,
  ioAccess,
  iomemBounce,
  kmap as pooled,
  kmapLocal,
  pageAddress as permanent,
  recorder,
  vmap as vmapped,
} from 'scatterlist/backends';
import {
  Folio,
  IoMapping,
  bvecKmapLocal,
  bvecVirt,
  folioReleaseKmap,
  ioMappingMapAtomicWc,
  ioMappingMapLocalWc,
  ioMappingMapWc,
  ioMappingUnmap,
  ioMappingUnmapAtomic,
  ioMappingUnmapLocal,
  ioremap,
  ioremapCache,
  ioremapNp,
  ioremapUc,
  ioremapWc,
  ioremapWt,
  iounmap,
  kmap,
  kmapAtomic,
  kmapAtomicPfn,
  kmapHighGet,
  kmapLocalFolio,
  kmapLocalPage,
  kmapLocalPageTryFromPanic,
  kmapLocalPfn,
  kunmap,
  kunmapAtomic,
  kunmapHigh,
  kunmapLocal,
  pageAddress,
  vmap,
  vmapPfn,
  vunmap,
  vunmapPfn,
} from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';
import {
  holdsIn,
  checkArgument,
  checkRelease,
  releaseFor,
  releaserOf,
  staysWithOwner,
} from '../../../lib/kernel/core/release-checks.ts';
import { rulesOf, violationOf } from '../violations.ts';

interface Pages {
  readonly machine: Machine;
  readonly low: Page<'lowmem'>;
  readonly high: Page<'highmem'>;
  readonly guarded: Page<'protected'>;
  readonly device: Page<'iomem'>;
}

/** An exported function that makes a mapping, and the exported one that releases it. */
interface Maker {
  readonly make: (context: Context, pages: Pages) => Mapping | undefined;
  readonly release: (context: Context, window: Mapping) => void;
  readonly scope: 'task' | 'global';
  /** Contexts that may sleep, only. */
  readonly sleeps?: boolean;
}

function valueOf<T>(made: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!made.ok) throw new Error('not mapped');
  return made.value;
}

function aperture({ machine, device }: Pages): IoMapping {
  return new IoMapping(machine, device.phys, machine.pageSize);
}

const local = { release: kunmapLocal, scope: 'task' } as const;
const pool = { release: kunmap, scope: 'global', sleeps: true } as const;
const io = { release: iounmap, scope: 'global', sleeps: true } as const;
const direct = { release: closeDirect, scope: 'global' } as const;

const MAKERS: Readonly<Record<string, Maker>> = {
  'kmapLocalPage, lowmem': { ...local, make: (c, { low }) => kmapLocalPage(c, low) },
  'kmapLocalPage, highmem': { ...local, make: (c, { high }) => kmapLocalPage(c, high) },
  'kmapLocalPage, protected': { ...local, make: (c, { guarded }) => kmapLocalPage(c, guarded) },
  kmapLocalPfn: { ...local, make: (c, { low }) => kmapLocalPfn(c, low.pfn) },
  'kmapLocalPfn, named': { ...local, make: (c, { low }) => kmapLocalPfn(c, low.pfn, 'mine') },
  kmapLocalPageTryFromPanic: { ...local, make: (c, { low }) => kmapLocalPageTryFromPanic(c, low) },
  mapLocal: { ...local, make: (c, { high }) => mapLocal(c, high, 0, 8) },
  'mapLocal, named': { ...local, make: (c, { high }) => mapLocal(c, high, 0, 8, 'mine') },
  'mapLocal, named, lowmem': { ...local, make: (c, { low }) => mapLocal(c, low, 0, 8, 'mine') },
  bvecKmapLocal: { ...local, make: (c, { high }) => bvecKmapLocal(c, { page: high, offset: 4, length: 9 }) },
  kmapLocalFolio: {
    scope: 'task',
    make: (c, { high }) => kmapLocalFolio(c, new Folio(high, 1), 8),
    release: folioReleaseKmap,
  },
  kmapAtomic: { scope: 'task', make: (c, { high }) => kmapAtomic(c, high), release: kunmapAtomic },
  'kmapAtomic, lowmem': { scope: 'task', make: (c, { low }) => kmapAtomic(c, low), release: kunmapAtomic },
  kmapAtomicPfn: { scope: 'task', make: (c, { low }) => kmapAtomicPfn(c, low.pfn), release: kunmapAtomic },
  mapAtomic: {
    scope: 'task',
    make: (c, { high }) => mapAtomic(c, high, 0, 8),
    release: kunmapAtomicOfBackends,
  },
  mapIo: { scope: 'task', make: (c, { device }) => mapIo(c, device, 0, 8), release: unmapIo },
  'mapIo, named': {
    scope: 'task',
    make: (c, { device }) => mapIo(c, device, 0, 8, 'mine'),
    release: unmapIo,
  },
  ioMappingMapLocalWc: {
    scope: 'task',
    make: (c, pages) => ioMappingMapLocalWc(c, aperture(pages), 0),
    release: ioMappingUnmapLocal,
  },
  ioMappingMapAtomicWc: {
    scope: 'task',
    make: (c, pages) => ioMappingMapAtomicWc(c, aperture(pages), 0),
    release: ioMappingUnmapAtomic,
  },
  ioMappingMapWc: {
    scope: 'global',
    sleeps: true,
    make: (c, pages) => valueOf(ioMappingMapWc(c, aperture(pages), 0, 8)),
    release: ioMappingUnmap,
  },
  'kmap, highmem': { ...pool, make: (c, { high }) => runAlone(c, kmap(c, high)) },
  'kmap, lowmem': { ...pool, make: (c, { low }) => runAlone(c, kmap(c, low)) },
  tryMapPool: { ...pool, make: (c, { high }) => tryMapPool(c, high, 0, 8) },
  kmapHighGet: {
    scope: 'global',
    make: (c, { high }) => {
      const pinned = runAlone(c, kmap(c, high));
      const got = kmapHighGet(c, high);
      kunmap(c, pinned);
      return got;
    },
    release: kunmapHigh,
  },
  pageAddress: { ...direct, make: (c, { low }) => pageAddress(c, low) },
  openDirect: { ...direct, make: (c, { low }) => openDirect(c, low, 0, 8) },
  bvecVirt: { ...direct, make: (c, { low }) => bvecVirt(c, { page: low, offset: 0, length: 8 }) },
  vmap: {
    scope: 'global',
    sleeps: true,
    make: (c, { low, high }) => valueOf(vmap(c, [high, low])),
    release: vunmap,
  },
  mapContiguous: {
    scope: 'global',
    sleeps: true,
    make: (c, { high }) => valueOf(mapContiguous(c, [high], 4, 8)),
    release: vunmap,
  },
  vmapPfn: {
    scope: 'global',
    sleeps: true,
    make: (c, { device }) => valueOf(vmapPfn(c, [device.pfn])),
    release: vunmapPfn,
  },
  ...Object.fromEntries(
    Object.entries({ ioremap, ioremapCache, ioremapNp, ioremapUc, ioremapWc, ioremapWt }).map(
      ([name, map]): [string, Maker] => [
        name,
        { ...io, make: (c, { device }) => valueOf(map(c, device.phys, 8)) },
      ],
    ),
  ),
};

/** Where a release may come from, and the rule that one of a task's mapping breaks there. */
const PLACES: Readonly<
  Record<
    string,
    readonly ['wrong-task' | 'wrong-cpu', (machine: Machine, body: (by: Context) => void) => void]
  >
> = {
  'another task': ['wrong-task', (machine, body) => inTask(machine, 0, body)],
  'a task on another CPU': ['wrong-cpu', (machine, body) => inTask(machine, 1, body)],
  'a softirq': ['wrong-task', (machine, body) => machine.interrupt('softirq', body)],
  'a hardirq': ['wrong-task', (machine, body) => machine.interrupt('hardirq', body)],
  'an nmi': ['wrong-task', (machine, body) => machine.interrupt('nmi', body)],
  'a hardirq on another CPU': [
    'wrong-cpu',
    (machine, body) => machine.interrupt('hardirq', body, { cpu: 1 }),
  ],
};

function inTask(machine: Machine, cpu: number, body: (by: Context) => void): void {
  const other = machine.task('other', { cpu });
  machine.enter(other);
  body(other);
}

function setUp(options: MachineOptions = {}): { pages: Pages; task: Task } {
  const machine = createMachine({ cpus: 2, protectedPages: 1, kmapHighGet: false, ...options });
  const [device] = machine.ioRegion(1);
  const pages: Pages = {
    machine,
    low: machine.allocPage({ zone: 'lowmem' }),
    high: machine.allocPage({ zone: 'highmem' }),
    guarded: machine.allocPage({ zone: 'protected' }),
    device: device!,
  };
  return { pages, task: machine.task('owner') };
}

function hold({ make }: Maker, pages: Pages, task: Task): Mapping {
  const window = make(task, pages);
  if (window === undefined) throw new Error('not mapped');
  return window;
}

/** What is held: mappings, slots of the owner, its counts. */
function held({ machine }: Pages, task: Task): readonly number[] {
  const { idx } = task.localMaps;
  return [machine.liveMappings, idx, task.preemptCount, task.pagefaultDisabled, task.keyGrants];
}

describe('every mapping that an exported function makes', () => {
  for (const [name, maker] of Object.entries(MAKERS)) {
    describe(name, () => {
      it('is released by an exported function, and by `using`', () => {
        const { pages, task } = setUp();
        const { machine } = pages;
        maker.release(task, hold(maker, pages, task));
        {
          using window = hold(maker, pages, task);
          expect(window.live).to.equal(true);
        }
        expect(held(pages, task)).to.deep.equal([0, 0, 0, 0, 0]);
        machine.checkLeaks();
      });

      for (const [place, [rule, enter]] of Object.entries(PLACES)) {
        it(`released by ${place}: ${maker.scope === 'task' ? rule : 'as its contexts say'}`, () => {
          const { pages, task } = setUp();
          const { machine } = pages;
          const window = hold(maker, pages, task);
          if (place === 'another task' && task.preemptCount > 0) return;
          const before = held(pages, task);
          enter(machine, (by) => {
            const broken = violationOf(() => window[Symbol.dispose]());
            if (maker.scope === 'task') expect(broken).to.equal(rule);
            else if (by.kind === 'task' || maker.sleeps !== true) expect(broken).to.equal('none');
            else expect(broken).to.be.oneOf(['kmap-in-atomic', 'sleep-in-atomic']);
            expect(machine.executing).to.equal(by);
          });
          machine.enter(task);
          if (window.live) {
            expect(held(pages, task)).to.deep.equal(before);
            window[Symbol.dispose]();
          }
          expect(held(pages, task)).to.deep.equal([0, 0, 0, 0, 0]);
          machine.checkLeaks();
        });
      }
    });
  }
});

describe('a foreign release that is only recorded', () => {
  for (const [name, maker] of Object.entries(MAKERS)) {
    if (maker.scope === 'global') continue;
    it(`strict: takes nothing from the owner nor from the other task (${name})`, () => {
      const { pages, task } = setUp({ onViolation: 'record' });
      const { machine } = pages;
      const window = hold(maker, pages, task);
      const far = machine.task('far', { cpu: 1 });
      const own = kmapLocalPage(far, pages.high);
      machine.enter(far);
      window[Symbol.dispose]();
      expect(rulesOf(machine)).to.deep.equal(['wrong-cpu']);
      expect([far.localMaps.idx, far.preemptCount, far.pagefaultDisabled, far.keyGrants]).to.deep.equal([
        1, 0, 0, 0,
      ]);
      kunmapLocal(far, own);
      machine.enter(task);
      if (window.live) window[Symbol.dispose]();
      expect(held(pages, task)).to.deep.equal([0, 0, 0, 0, 0]);
      machine.checkLeaks();
      expect(rulesOf(machine)).to.deep.equal(['wrong-cpu']);
    });
  }
});

describe('releaserOf', () => {
  it('is the context that executes, not the one that mapped', () => {
    const { pages, task } = setUp();
    const window = kmapLocalPage(task, pages.low);
    expect(releaserOf(window)).to.equal(task);
    const other = pages.machine.task('other');
    pages.machine.enter(other);
    expect(releaserOf(window)).to.equal(other);
  });
});

describe('releaseFor', () => {
  it('lets a compatible machine go on to what Linux does, once it was reported', () => {
    const { pages, task } = setUp({ semantics: 'compatible', onViolation: 'record' });
    const { machine } = pages;
    const window = kmapLocalPage(task, pages.low);
    const other = machine.task('other');
    machine.enter(other);
    releaseFor(task, window, () => kunmapLocal(task, window));
    expect([rulesOf(machine), window.live, machine.executing]).to.deep.equal([['wrong-task'], false, other]);
  });
});

describe('staysWithOwner', () => {
  it('is what the slots, keys and sections of another task do', () => {
    const { pages, task } = setUp();
    const { machine } = pages;
    const far = machine.task('far', { cpu: 1 });
    const stays = (window: Mapping): boolean => staysWithOwner(far, window);
    expect(stays(kmapLocalPage(task, pages.low))).to.equal(false);
    expect(stays(kmapLocalPage(task, pages.high))).to.equal(true);
    expect(stays(kmapLocalPage(task, pages.guarded))).to.equal(true);
    expect(stays(kmapAtomic(task, pages.low))).to.equal(true);
  });
});

describe('checkArgument', () => {
  it('lets only a mapping, and what else the release takes, go on', () => {
    const machine = createMachine({ onViolation: 'record' });
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const mapping = kmapLocalPage(task, page);
    const found = (given: unknown): readonly string[] => [
      violationOf(() => expect(checkArgument(task, given, 'kunmap', 'page')).to.equal(true)),
      violationOf(() => expect(checkArgument(task, given, 'kunmap_local', 'address')).to.equal(true)),
    ];
    expect([mapping, page, mapping.vaddr, undefined, 'page'].map(found)).to.deep.equal([
      ['none', 'none'],
      ['none', 'unmap-mismatch'],
      ['unmap-mismatch', 'none'],
      ['unmap-mismatch', 'unmap-mismatch'],
      ['unmap-mismatch', 'unmap-mismatch'],
    ]);
    expect(machine.violations.map(({ what }) => what.replace(/.* and was given/, 'given'))).to.deep.equal([
      'given a page',
      'given an address',
      'given neither',
      'given neither',
      'given neither',
      'given neither',
    ]);
  });
});

describe('checkRelease', () => {
  it('lets the owner release a live map of the mechanism', () => {
    const machine = createMachine();
    const task = machine.task();
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    expect(checkRelease(task, m, m.how)).to.equal(true);
  });

  it('stops a second release even where the machine records', () => {
    const machine = createMachine({ onViolation: 'record' });
    const task = machine.task();
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    kunmapLocal(task, m);
    expect(violationOf(() => checkRelease(task, m, m.how))).to.equal('double-unmap');
  });

  it('names every other fault and lets a recording machine go on', () => {
    const machine = createMachine({ onViolation: 'record' });
    const [a, b, c] = [machine.task('a'), machine.task('b'), machine.task('c', { cpu: 1 })];
    const page = machine.allocPage({ zone: 'lowmem' });
    const local = kmapLocalPage(a, page);
    const everyone = pageAddress(a, page)!;
    expect(checkRelease(b, local, local.how)).to.equal(true);
    expect(checkRelease(c, local, everyone.how)).to.equal(true);
    expect(checkRelease(c, everyone, everyone.how)).to.equal(true);
    expect(rulesOf(machine)).to.deep.equal(['wrong-task', 'unmap-mismatch', 'wrong-cpu']);
  });
});

describe('releases in any order, by anybody', () => {
  const backends: readonly ((context: Context) => MapBackend)[] = [
    kmapLocal,
    pooled,
    vmapped,
    permanent,
    iomemBounce,
    ioAccess,
    (context) => recorder(kmapLocal(context)),
    (context) => faultInjection(pooled(context), {}),
  ];
  const step = fc.record({
    what: fc.constantFrom('map', 'map', 'enter', 'release', 'release by its owner', 'release in a handler'),
    task: fc.nat(2),
    backend: fc.nat(backends.length - 1),
    page: fc.nat(9),
    pick: fc.nat(100),
    handler: fc.constantFrom('softirq', 'hardirq', 'nmi'),
  });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  /** What each step broke. At the end the owners release what is left, and nothing is held. */
  function play(mode: 'checked' | 'direct', steps: readonly Step[]): readonly string[] {
    const machine = createMachine({ mode, cpus: 2, lowmemPages: 64, pkmapSlots: 8, bounceSlots: 4 });
    const tasks = [machine.task('a'), machine.task('b'), machine.task('c', { cpu: 1 })];
    const bound = tasks.map((task) => backends.map((bind) => bind(task)));
    const pages: readonly Page[] = [
      ...machine.allocPages(4, { zone: 'lowmem' }),
      ...machine.allocPages(4, { zone: 'highmem' }),
      ...machine.ioRegion(2),
    ];
    const live: { readonly mapping: Mapping; readonly owner: Task }[] = [];
    const log: string[] = [];
    const release = (at: number, how: (mapping: Mapping, owner: Task) => void): void => {
      const held = live[at];
      if (held === undefined) return;
      log.push(violationOf(() => how(held.mapping, held.owner)));
      if (!held.mapping.live) live.splice(at, 1);
    };
    for (const { what, task, backend, page, pick, handler } of steps) {
      const owner = tasks[task]!;
      if (what === 'map') {
        const entry = sgInitTable(1).entry(0);
        sgSetPage(entry, pages[page]!, 64, 8);
        const mapped = sgMap<MapBackend, MemoryKind>(entry, 0, bound[task]![backend]!);
        if (mapped.ok) live.push({ mapping: mapped.value, owner });
      } else if (what === 'enter') machine.enter(owner);
      else if (what === 'release') {
        const { executing } = machine;
        release(pick % live.length, (mapping) => sgUnmap(mapping));
        expect(machine.executing).to.equal(executing);
      } else if (what === 'release in a handler') {
        release(pick % live.length, (mapping) => {
          machine.interrupt(handler, () => sgUnmap(mapping), { cpu: pick % 2 });
        });
      } else {
        release(live.length - 1, (mapping, by) => {
          machine.enter(by);
          sgUnmap(mapping);
        });
      }
    }
    for (let i = live.length - 1; i >= 0; i -= 1) {
      machine.enter(live[i]!.owner);
      sgUnmap(live[i]!.mapping);
    }
    machine.checkLeaks();
    const counts = tasks.map((task) => [task.localMaps.idx, task.migrateDisabled, task.preemptCount]);
    expect(counts).to.deep.equal([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    return log;
  }

  it('leave nothing held, and are judged alike on direct machines, but for the order on lowmem', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [checked, unchecked] = [play('checked', steps), play('direct', steps)];
        const at = checked.findIndex((rule, i) => rule !== unchecked[i]);
        if (at >= 0) expect([checked[at], unchecked[at]]).to.deep.equal(['unmap-order', 'none']);
      }),
      { numRuns: 150 },
    );
  });
});

describe('where a window holds', () => {
  it('is everywhere, on the CPU that made it, or in the context that made it', () => {
    const machine = createMachine();
    const [own, beside, away] = [machine.task(), machine.task(), machine.task('away', { cpu: 1 })];
    const window = kmapLocalPage(own, machine.allocPage({ zone: 'highmem' }));
    for (const [scope, holds] of [
      ['task', [true, false, false]],
      ['cpu', [true, true, false]],
      ['global', [true, true, true]],
    ] as const) {
      window.scope = scope;
      expect([own, beside, away].map((context) => holdsIn(window, context))).to.deep.equal(holds);
    }
  });
});
