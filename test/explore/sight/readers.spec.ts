import { expect } from 'chai';
import { exhaustive, explore } from 'scatterlist/explore';
import type { Program, Strategy } from 'scatterlist/explore';
import {
  BouncePool,
  Completion,
  DmaDevice,
  Mutex,
  RwSemaphore,
  Semaphore,
  SpinLock,
  WaitQueue,
  dmaMapPage,
  dmaUnmapPage,
  inAtomic,
  kmap,
  kmapLocalPage,
  kunmap,
  kunmapLocal,
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  maySleep,
  migrateDisable,
  migrateEnable,
  pagefaultDisable,
  pagefaultEnable,
  preemptDisable,
  preemptEnable,
  vmap,
  vunmap,
} from 'scatterlist/machine';
import type { Machine, Sleeping, Task } from 'scatterlist/machine';
import type { Page } from 'scatterlist';
import { PARTS, partsReadBy, partsReadByStep } from '../../../lib/explore/sight/readers.ts';
import { publicReads } from './public-reads.ts';

interface Shared {
  readonly page: Page<'highmem'>;
  readonly low: Page<'lowmem'>;
  readonly mutex: Mutex;
  readonly rw: RwSemaphore;
  readonly spin: SpinLock;
  readonly semaphore: Semaphore;
  readonly completion: Completion;
  readonly bare: WaitQueue;
  readonly device: DmaDevice;
  readonly bounce: BouncePool;
}

type Env = Shared & { readonly machine: Machine; readonly task: Task };

function setup(machine: Machine): Shared {
  return {
    page: machine.allocPage({ zone: 'highmem' }),
    low: machine.allocPage({ zone: 'lowmem' }),
    mutex: new Mutex(machine, 'm'),
    rw: new RwSemaphore(machine, 'rw'),
    spin: new SpinLock(machine, 'spin'),
    semaphore: new Semaphore(machine, 's', 1),
    completion: new Completion(machine, 'c'),
    bare: new WaitQueue('bare'),
    device: new DmaDevice(machine),
    bounce: new BouncePool(machine),
  };
}

/** Each changes something in one step and changes it back in another. */
const CHANGES = {
  *preempt({ task }) {
    preemptDisable(task);
    yield;
    preemptEnable(task);
  },
  *migrate({ task }) {
    migrateDisable(task);
    yield;
    migrateEnable(task);
  },
  *fault({ task }) {
    pagefaultDisable(task);
    yield;
    pagefaultEnable(task);
  },
  *irqs({ task }) {
    localIrqDisable(task);
    yield;
    localIrqEnable(task);
  },
  *bh({ task }) {
    localBhDisable(task);
    yield;
    localBhEnable(task);
  },
  *local({ task, page }) {
    const window = kmapLocalPage(task, page);
    yield;
    kunmapLocal(task, window);
  },
  *used({ task, page }) {
    const window = kmapLocalPage(task, page);
    window.store8(0, 1);
    yield;
    kunmapLocal(task, window);
  },
  *pool({ task, page }) {
    yield* kmap(task, page);
    yield;
    kunmap(task, page);
  },
  *area({ task, page }) {
    const made = vmap(task, [page]);
    yield;
    if (made.ok) vunmap(task, made.value);
  },
  *memory({ machine }) {
    const page = machine.allocPage({ zone: 'lowmem' });
    yield;
    machine.freePage(page);
  },
  *fresh({ machine }) {
    const made = machine.tryAllocPage('lowmem');
    yield;
    if (made.ok) machine.freePage(made.value);
  },
  *folio({ machine, low }) {
    const folio = machine.folios.compound(low, 1);
    yield;
    machine.folios.split(folio);
  },
  *error({ machine, low }) {
    yield;
    machine.memoryErrors.poison(low, 0);
  },
  *mutex({ task, mutex }) {
    yield* mutex.lock(task);
    yield;
    mutex.unlock(task);
  },
  *rw({ task, rw }) {
    yield* rw.downWrite(task);
    yield;
    rw.upWrite(task);
  },
  *spin({ task, spin }) {
    yield* spin.lock(task);
    yield;
    spin.unlock(task);
  },
  *semaphore({ task, semaphore }) {
    yield* semaphore.down(task);
    yield;
    semaphore.up(task);
  },
  *completion({ task, completion }) {
    completion.complete(task);
    yield;
    yield* completion.wait(task);
  },
  *wake({ bare }) {
    yield;
    bare.wakeAll();
  },
  *queue({ task, bare }) {
    bare.add(task);
    bare.wakeAll();
    yield;
    bare.remove(task);
  },
  *dma({ task, device, low }) {
    const made = dmaMapPage(task, device, low, 0, 64, 'toDevice');
    yield;
    if (made.ok) dmaUnmapPage(task, device, made.value, 64, 'toDevice');
  },
  *mask({ device }) {
    const before = device.mask;
    device.setMask(2 ** 40 - 1);
    yield;
    device.setMask(before);
  },
  *bounce({ bounce }) {
    const slots = bounce.take(64);
    yield;
    if (slots !== undefined) bounce.give(slots);
  },
  *sleeps({ task, completion }) {
    yield* completion.wait(task);
  },
  *ends() {
    yield;
  },
} satisfies Readonly<Record<string, (env: Env) => Sleeping<void>>>;

const BODIES: Readonly<Record<keyof typeof CHANGES, (env: Env) => Sleeping<void>>> = CHANGES;

const other = ({ machine }: Env): Task => machine.tasks[0]!;
const ram = (env: Env): Machine['hardware']['memory'] => env.machine.hardware.memory;
const local = ({ machine }: Env): number => machine.hardware.addresses.local(0);
const cpu = ({ machine }: Env): Machine['hardware']['cpus'][number] => machine.hardware.cpus[0]!;

const rangesOf = (machine: Machine, which: string): string =>
  machine
    .dumpAddressSpace()
    .areas.filter(({ name }) => name === which)
    .map(({ ranges }) => ranges.length)
    .join('');
const fixmapOf = (machine: Machine): string => rangesOf(machine, 'fixmap');
// No name of a part of the machine may stand here.
const poolOf = (machine: Machine): string => rangesOf(machine, `pk${'map'}`);

type Row = readonly [change: keyof typeof CHANGES, read: (env: Env) => unknown];

const READERS: Readonly<Record<string, Row>> = {
  'Task.preemptCount': ['preempt', (env) => other(env).preemptCount],
  'Task.migrateDisabled': ['migrate', (env) => other(env).migrateDisabled],
  'Task.pagefaultDisabled': ['fault', (env) => other(env).pagefaultDisabled],
  'Task.exited': ['ends', (env) => other(env).exited],
  'Task.localMaps': ['local', (env) => other(env).localMaps.depth],
  'Task.localWindows': ['local', (env) => other(env).localWindows.length],
  'Task.asleepOn': [
    'sleeps',
    (env) => {
      const queue = other(env).asleepOn?.name;
      env.completion.complete(env.task);
      return queue;
    },
  ],
  'Context.state': ['preempt', (env) => other(env).state().preemptCount],
  inAtomic: ['preempt', (env) => inAtomic(other(env))],
  maySleep: ['preempt', (env) => maySleep(other(env))],
  'Cpu.irqsDisabled': ['irqs', (env) => cpu(env).irqsDisabled],
  'Cpu.softirqDepth': ['bh', (env) => cpu(env).softirqDepth],
  'Cpu.tlb': ['used', (env) => cpu(env).tlb.lookup(local(env))],
  'Tlb.isEmpty': ['used', (env) => cpu(env).tlb.isEmpty],
  'Machine.running': ['ends', ({ machine }) => machine.running(machine.hardware.cpus[0]!.id).name],
  'KernelPageTable.local': ['local', ({ machine }) => machine.hardware.pageTable.local.get(0)],
  'KernelPageTable.pkmap': ['pool', ({ machine }) => [...machine.hardware.pageTable.pkmap.entries]],
  'KernelPageTable.vmalloc': ['area', ({ machine }) => machine.hardware.pageTable.vmalloc.get(0)],
  'Machine.dumpAddressSpace': ['area', ({ machine }) => rangesOf(machine, `vm${'alloc'}`)],
  'AddressSpaceDump of the fixmap': ['local', ({ machine }) => fixmapOf(machine)],
  'AddressSpaceDump of the pool': ['pool', ({ machine }) => poolOf(machine)],
  'PkmapPool.slotsInUse': ['pool', ({ machine }) => machine.pkmap.slotsInUse],
  'PkmapPool.slotOf': ['pool', ({ machine, page }) => machine.pkmap.slotOf(page)],
  'PkmapPool.counts': ['pool', ({ machine }) => [...machine.pkmap.counts]],
  'VmallocArea.freePages': ['area', ({ machine }) => machine.vmalloc.freePages],
  'VmallocArea.room': ['area', ({ machine }) => machine.vmalloc.room.largestRunPages],
  'KernelState.live': ['local', ({ machine }) => machine.live.size],
  'KernelState.liveMappings': ['local', ({ machine }) => machine.liveMappings],
  'KernelState.newestMappingOf': ['local', (env) => env.machine.newestMappingOf(other(env))?.slot],
  'LiveMappings.heldBy': ['local', (env) => env.machine.mappings.heldBy(other(env)).length],
  'KernelState.ledger': ['local', ({ machine }) => machine.ledger.maps],
  'Hardware.ledger': ['local', ({ machine }) => machine.hardware.ledger.unmaps],
  'KernelState.modelledCycles': ['local', ({ machine }) => machine.modelledCycles],
  'PhysicalMemory.freePages': ['memory', (env) => ram(env).freePages('lowmem')],
  'PhysicalMemory.frees': ['memory', (env) => ram(env).frees],
  'PhysicalMemory.isFree': [
    'memory',
    (env) => ram(env).isFree(ram(env).page(env.bounce.pages.at(-1)!.pfn + 1)),
  ],
  'Page.isAllocated': ['memory', (env) => ram(env).page(env.bounce.pages.at(-1)!.pfn + 1).isAllocated],
  'Page.owner': ['memory', (env) => ram(env).page(env.bounce.pages.at(-1)!.pfn + 1).owner?.isFree],
  'KernelState.uninitialised': ['fresh', ({ machine }) => machine.uninitialised.pages.size],
  'KernelState.folios': ['folio', ({ machine, low }) => machine.folios.of(low) === machine.folios.of(low)],
  'KernelState.memoryErrors': ['error', ({ machine }) => machine.memoryErrors.isEmpty],
  'Mutex.free': ['mutex', ({ mutex }) => mutex.free],
  'Lock.holders': ['mutex', ({ mutex }) => mutex.holders.length],
  'RwSemaphore.free': ['rw', ({ rw }) => rw.free],
  'SpinLock.free': ['spin', ({ spin }) => spin.free],
  'Semaphore.free': ['semaphore', ({ semaphore }) => semaphore.free],
  'Completion.free': ['completion', ({ completion }) => completion.free],
  'WaitQueue.active': ['queue', ({ bare }) => bare.active],
  'WaitQueue.waiters': ['queue', ({ bare }) => bare.waiters.length],
  'WaitQueue.wakeUps': ['wake', ({ bare }) => bare.wakeUps],
  'KernelState.deviceOwned': ['dma', ({ machine }) => machine.deviceOwned.mappings.size],
  'DeviceOwned.isMapped': ['dma', ({ machine, low }) => machine.deviceOwned.isMapped(low)],
  'DmaDevice.liveMappings': ['dma', ({ device }) => device.liveMappings],
  'DmaDevice.mask': ['mask', ({ device }) => device.mask],
  'BouncePool.slotsInUse': ['bounce', ({ bounce }) => bounce.slotsInUse],
  'BouncePool.freeBytes': ['bounce', ({ bounce }) => bounce.freeBytes],
  'BouncePool.runsInUse': ['bounce', ({ bounce }) => bounce.runsInUse.length],
};

/** Classes whose objects are reached only through something that has a name here. */
const BEHIND: Readonly<Record<string, readonly string[]>> = {
  AddressSpaceDump: ['dumpAddressSpace'],
  Area: ['dumpAddressSpace'],
  Tlb: ['tlb'],
  PageTableArea: ['pageTable'],
  KernelPageTable: ['pageTable'],
  PkmapPool: ['pkmap'],
  VmallocArea: ['vmalloc'],
  LocalSlots: ['localSlots'],
  SlotStack: ['localMaps'],
  SlotTokens: ['localMaps'],
  SlotTally: ['ledger'],
  Ledger: ['ledger'],
  LedgerCounts: ['ledger'],
  Trace: ['trace'],
  Violation: ['violations'],
  SpreadArrays: ['spreadArrays'],
  DataCache: ['dataCache'],
  CachedPage: ['dataCache'],
  Truth: ['dataCache'],
  FolioMap: ['folios'],
  MemoryErrors: ['memoryErrors'],
  Uninitialised: ['uninitialised'],
  Watch: ['watch'],
  Guard: ['guard'],
  LiveMappings: ['mappings'],
  DeviceOwned: ['deviceOwned'],
  DmaMapping: ['deviceOwned'],
  Overlap: ['deviceOwned'],
  Pool: ['deviceOwned'],
  SharedPage: ['deviceOwned'],
  Span: ['deviceOwned'],
  Unsynced: ['deviceOwned'],
  Counts: ['deviceOwned'],
  ByteFlags: ['deviceOwned'],
  Chunk: ['chunk'],
};

/** What tells nothing that can change, and what an event is recorded of. */
const HARMLESS: readonly (readonly [RegExp, string])[] = [
  [/^AddressMap\.|^Hardware\.addresses$/, 'addresses follow from the configuration'],
  [/^DmaDevice\.look$/, 'it records that it looked'],
  [/^Folio\./, 'a folio has the pages with which it was made'],
  [
    /^(Page|Zone)\.(kind|phys)$|^IoRegion\.|^PhysicalMemory\.(isDirect|isHighmem|page|nthPage)$/,
    'of a frame, for ever',
  ],
  [/^WaitQueue\.lastWakeUp$/, 'counts on over all machines, for the order of wake-ups in a report'],
  [/\.#|^(FreeFrames|PageIndex)\./, 'private'],
  [/^KernelState\.(pageSize|helper)$|^Hardware\.cpus$/, 'as the machine was configured'],
  [/^(Hardware\.(interruptPoint|whenWatched)|WaitQueue\.onUse)$/, 'the explorer has set them'],
  [
    /^Hardware\.(names|lostMemory)$|^PlaceNames\./,
    'the world of a C file has set them, for reports and the end',
  ],
  [/^CallSite\.callers$/, 'a place in a text'],
  [/^PhysicalMemory\.(pageStructs|refuseEntry)$/, 'set when the machine is made'],
  [
    /^Window\.(vaddr|length|lengthBytes|page|pageOffset|pages|slot|how|scope|releaser|kind|mechanism|isForDevice|isBy|covers|frames)$/,
    'of a mapping, as it was made',
  ],
  [/^RamWindow\.(asOk|base)$/, 'of a mapping, as it was made'],
  [/\.load(8|16|32|64)$|^RamWindow\.bytes$|^KernelState\.physical$|^IoHandlers\./, 'recorded: an access'],
  [/^KernelState\.(allocPages?|ioRegion)$/, 'recorded: an allocation'],
  [/^PhysicalMemory\.(addIoRegion|allocate|touch|touchRun)$/, 'changes memory: what it changes has a name'],
  [/^Machine\.(enter|fork|interrupt|irqEnter|task|ramWindow)$/, 'of the one that calls'],
  [/^DmaDevice\.(allocCoherent|answerWith|map|read)$/, 'recorded: a call of the DMA API'],
  [/^BouncePool\.(firstAddress|longestBelow|pages)$/, 'as the pool was made'],
  [/^BouncePool\.(pass|take)$|^BounceRun\.bytes$/, 'the pool shows its runs in its properties'],
];

/** What the reader read in all schedules of a strategy. */
function outcomesOf([change, read]: Row, strategy: Strategy): readonly string[] {
  const found = new Set<string>();
  // By itself, so that the text of the others is not reached.
  const body = BODIES[change];
  const reader = function* (env: Env): Sleeping<string> {
    yield;
    return String(read(env));
  };
  const program: Program<Shared> = {
    machine: {
      cpus: 2,
      lowmemPages: 16,
      highmemPages: 8,
      vmallocPages: 8,
      bounceSlots: 4,
      trackUninitialised: true,
    },
    setup,
    mayKeepMappings: true,
    tasks: {
      changes: (env) => body(env),
      reads: { cpu: 1, run: reader },
    },
    check: ({ results }) => {
      found.add(String(results['reads']));
    },
  };
  const outcome = explore(program, strategy);
  expect(outcome.kind, JSON.stringify(outcome)).to.equal('exhausted');
  expect(outcome.unseen).to.deep.equal([]);
  return [...found].sort();
}

describe('readers', () => {
  for (const [name, row] of Object.entries(READERS)) {
    it(`a race over ${name} is found`, () => {
      const all = outcomesOf(row, exhaustive({ sleepSets: false, visited: false }));
      expect(all.length).to.be.greaterThan(1);
      for (const options of [{}, { visited: false }])
        expect(outcomesOf(row, exhaustive(options))).to.deep.equal(all);
    });
  }

  it('knows everything that is public of a machine', () => {
    const unknown = publicReads().filter((read) => {
      const [owner = '', name = ''] = read.split('.');
      const isNamed = partsReadBy(`x.${name}(`).size > 0;
      const isBehindAName = (BEHIND[owner] ?? []).some((way) => partsReadBy(way).size > 0);
      return !isNamed && !isBehindAName && !HARMLESS.some(([which]) => which.test(read));
    });
    expect(unknown).to.deep.equal([]);
  });

  it('finds a name wherever it stands, and a method where it is called', () => {
    const parts = (text: string): readonly string[] => [...partsReadBy(text)].sort();
    expect(parts('({ machine }) => machine.hardware.memory.freePages("lowmem")')).to.deep.equal(['memory']);
    expect(parts('const { irqsDisabled } = cpu0; task["preemptCount"]')).to.deep.equal(['counts']);
    expect(parts('shared.state = 1; shared.running += 1')).to.deep.equal([]);
    expect(parts('task.state(); task.state.call(other); machine.running (0)')).to.deep.equal([
      'counts',
      'running',
    ]);
    expect(parts('Object.values(task)')).to.deep.equal([]);
    expect([...partsReadByStep('Object.values(task)')]).to.deep.equal(Object.keys(PARTS));
    expect([...partsReadByStep('Reflect.get(task, "exited")')]).to.deep.equal(['counts']);
    expect(parts('yield* kmap(task, page)')).to.deep.equal([]);
    expect(parts('if (one.vaddr < two.vaddr) yield')).to.deep.equal(['addresses']);
  });

  it('is read by the final check too, and by what setup hands out', () => {
    const outcomes = (strategy: Strategy): readonly string[] => {
      const found = new Set<string>();
      const body = BODIES.local;
      const program: Program<Shared & { readonly frees: () => number }> = {
        machine: { cpus: 2, lowmemPages: 16, highmemPages: 8, bounceSlots: 4 },
        setup: (machine) => ({ ...setup(machine), frees: () => machine.ledger.contextSwitches }),
        tasks: { a: (env) => body(env), b: (env) => body(env) },
        check: ({ frees, machine }) => {
          found.add(`${String(frees())} ${String(machine.hardware.ledger.pteWrites)}`);
        },
      };
      expect(explore(program, strategy).kind).to.equal('exhausted');
      return [...found].sort();
    };
    const all = outcomes(exhaustive({ sleepSets: false, visited: false }));
    expect(all.length).to.be.greaterThan(1);
    expect(outcomes(exhaustive())).to.deep.equal(all);
  });
});
