/**
 * Every public function that is given two objects of a machine, with one of them taken from another machine: it is
 * refused in one wording, with neither machine changed, or there is a reason why that cannot be told, written down here.
 */
import { expect } from 'chai';
import {
  ConfigError,
  DmaDevice,
  SgArray,
  SgTable,
  createMachine,
  iovIterBvec,
  mappedNents,
  origNents,
  sgMarkEnd,
} from 'scatterlist';
import type { MachineOptions, MemoryKind } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { WaitQueue } from 'scatterlist/machine';
import { CALLS } from '../numbers/calls.ts';
import { OF_TWO, RAW } from './calls.ts';
import type { Call, World } from './calls.ts';
import { functionsOfTwo } from './parameters.ts';

/** Parts of the machine, which the library hands objects that it has checked itself; the checks themselves. */
const INNER =
  /^(BouncePool|DataCache|Hardware|LocalSlots|PhysicalMemory|SlotTokens)\.|^new (Interrupt|IoWindow|Task|Window)$|^Machine\.(checkOwn\w*|mapped|unmapped|newestMappingOf|ramWindow|standIn)$|^pass(Direct|Local|Pool)$|^RamWindow\.retarget$|^WaitQueue\.checkOwn$|^Task\.moveTo$|^Window\.(covers|reportUnreachable)$|^k(un)?mapAtomicType$/;

/** Where a foreign object cannot be told, or does no harm. */
const MEANINGS: readonly (readonly [name: RegExp, fields: RegExp, meaning: string])[] = [
  [/^(vmapPfn|kmap(Local|Atomic)Pfn)$/, /./, 'the number of a frame does not say whose it is'],
  [
    /^(AddressSpace\..*|virtToPhys|virtToPage|isKmapAddr|kmapToPage|flushDcacheArea)$/,
    /./,
    'nor does an address',
  ],
  [/^(sgInitOne|sgSetBuf|iovIterKvec|dmaMapSingle)$/, /^(machine|page)$/, 'nor does an address'],
  [/^(new IoMapping|ioremap\w*)$/, /./, 'nor does a physical address'],
  [/^(IoMapping\.pageOf|ioMappingMap\w+)$/, /^device$/, 'the aperture was made with a physical address'],
  [
    /^(SgArray\.set(Runs)?|sg(SetPage|SetFolio|AssignPage))$/,
    /./,
    'an entry belongs to no machine; the walk on one finds it',
  ],
  [
    /^(extractIterToSg|new Sg(Dma)?PageIter|sgSplit)$/,
    /./,
    'the machine says whose semantics hold and takes the reports; no memory is touched',
  ],
  [/^SgMiter\.skip$/, /./, 'no page is mapped; next() refuses it'],
  [/^sgMapWait$/, /^task$/, 'the task only runs what waits; the backend maps in its own context'],
  [/^unpinUserPage$/, /./, 'an iterator belongs to no machine; the page is none that it pinned: false'],
];

function worldOf(options: MachineOptions): World {
  const machine = createMachine({
    lowmemPages: 16,
    highmemPages: 8,
    vmallocPages: 64,
    bounceSlots: 8,
    ...options,
  });
  const pages = machine.allocPages(4, { zone: 'lowmem' });
  const array = new SgArray(2);
  array.set(0, pages[0]!, 100, 8);
  array.set(1, pages[1]!, 4096, 0);
  sgMarkEnd(array.entry(1));
  const table = new SgTable();
  table.sgl = array.entry(0);
  table.origNents = origNents(2);
  table.nents = mappedNents(2);
  const task = machine.task('driver');
  const queue = new WaitQueue('q');
  queue.add(task);
  queue.remove(task);
  return {
    machine,
    task,
    pages,
    page: pages[0]!,
    device: machine.ioRegion(2),
    table,
    entry: array.entry(0),
    local: kmapLocal(task),
    second: kmapLocal(task),
    dma: new DmaDevice(machine),
    iter: iovIterBvec<MemoryKind>([{ page: pages[0]!, offset: 0, length: 8 }]),
    get irq() {
      return machine.irqEnter('softirq', 'irq');
    },
    queue,
    mapped: (make) => make(task, pages[0]!),
  };
}

/** What must be as it was after a refusal. */
function stateOf({ machine, task, queue, page, entry }: World): unknown {
  return {
    counts: [task.preemptCount, task.migrateDisabled, task.pagefaultDisabled],
    cpus: machine.hardware.cpus.map(({ irqsDisabled, softirqDepth }) => [irqsDisabled, softirqDepth]),
    exited: task.exited,
    tasks: machine.tasks.length,
    waiters: [queue.waiters.length, task.asleepOn],
    entry: [entry.page?.pfn, entry.length, entry.offset],
    isFree: machine.hardware.memory.freePages('lowmem'),
    bytes: machine.hardware.memory.bytesOf(page).every((byte) => byte === 0),
  };
}

const MACHINES: readonly MachineOptions[] = [
  { mode: 'checked' },
  { mode: 'direct' },
  { mode: 'checked', semantics: 'compatible', onViolation: 'record' },
  { mode: 'checked', preemptRt: true },
];

/** Objects that a call takes when all are of one machine. */
function fieldsOf(call: Call): readonly (keyof World)[] {
  const used = new Set<keyof World>();
  const own = worldOf({ onViolation: 'record' });
  const world = new Proxy(own, {
    get: (_own, key) => {
      used.add(key as keyof World);
      return own[key as keyof World];
    },
  });
  try {
    call(world);
  } catch {
    // What it says of a lock that is not held, say, is no matter here.
  }
  return [...used];
}

/** What a call says with one object of another machine, and what it changed. */
function mixed(call: Call, field: keyof World, options: MachineOptions) {
  const [own, other] = [worldOf(options), worldOf(options)];
  const states = (): unknown => [own, other].map(stateOf);
  let before = states();
  const world = new Proxy(own, {
    get: (_own, key) => {
      const source = key === field ? other : own;
      const value = source[key as keyof World];
      // The call is given what was made here: making it is not the call's doing.
      if (key === 'irq') before = states();
      if (key !== 'mapped') return value;
      return (make: Parameters<World['mapped']>[0]) => {
        const window = source.mapped(make);
        before = states();
        return window;
      };
    },
  });
  let words = 'it was taken';
  try {
    call(world);
  } catch (error) {
    words = `${error instanceof ConfigError ? '' : 'not a ConfigError: '}${String(error)}`;
  }
  return { words, before, after: states() };
}

const NAMES = functionsOfTwo().filter((name) => !INNER.test(name));
const NUMBERED = Object.entries(CALLS).map(([name, call]): readonly [string, Call] => [
  name,
  (world) => call(world, (_path, usual) => usual),
]);

describe('an object of another machine', () => {
  it('has a call for every public function of two objects', () => {
    const called = [...Object.keys(CALLS), ...Object.keys(OF_TWO)];
    expect(NAMES.filter((name) => !called.includes(name))).to.deep.equal([]);
    expect(NAMES.length).to.be.greaterThan(140);
  });

  const calls = [...NUMBERED, ...Object.entries(OF_TWO), ...Object.entries(RAW)]
    .filter(([name]) => !INNER.test(name))
    .map(([name, call]) => ({ name, call, fields: fieldsOf(call) }) as const);
  for (const options of MACHINES) {
    for (const { name, call, fields } of calls) {
      const foreign = fields.filter(
        (field) => !MEANINGS.some(([which, what]) => which.test(name) && what.test(field)),
      );
      if (fields.length < 2 || foreign.length === 0) continue;
      it(`is refused by ${name}, ${JSON.stringify(options)}`, () => {
        for (const field of foreign) {
          const { words, before, after } = mixed(call, field, options);
          const what = `${name} with ${field} of another machine`;
          expect(words, what).to.match(/^ConfigError: .* of another machine/);
          expect(after, what).to.deep.equal(before);
        }
      });
    }
  }
});
