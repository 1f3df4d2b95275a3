/** Pages, mappings and contexts of another machine are refused by whatever takes them, in one wording. */
import { expect } from 'chai';
import {
  ConfigError,
  DmaDevice,
  SgMiter,
  createMachine,
  dmaMapSgtable,
  runAlone,
  sgAllocTableFromPages,
  sgCompare,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgMap,
  sgVirt,
  sgZeroBuffer,
} from 'scatterlist';
import type { Machine, MachineOptions, MapBackend, MemoryKind, Page, SgTable, Task } from 'scatterlist';
import * as backends from 'scatterlist/backends';
import * as kernel from 'scatterlist/machine';
import { Completion, Mutex, RwSemaphore, Semaphore, SpinLock } from 'scatterlist/explore';
import { mapIo } from 'scatterlist/backend';

const SIZES = {
  lowmemPages: 64,
  highmemPages: 64,
  bounceSlots: 8,
  vmallocPages: 64,
  protectedPages: 1,
} as const;

interface World {
  readonly machine: Machine;
  readonly task: Task;
  readonly own: Page;
  readonly foreign: Page;
}

const KINDS = ['lowmem', 'highmem'] as const;

function worldOf(options: MachineOptions, kind: (typeof KINDS)[number]): World {
  const [machine, other] = [createMachine({ ...SIZES, ...options }), createMachine({ ...SIZES, ...options })];
  return {
    machine,
    task: machine.task('driver'),
    own: machine.allocPage({ zone: kind }),
    foreign: other.allocPage({ zone: kind }),
  };
}

const folioOf = (page: Page): kernel.Folio => new kernel.Folio(page, 1);

/** Every function that takes a page and a context, or a machine. */
const BY_PAGE: Readonly<Record<string, (world: World) => unknown>> = {
  physical: ({ machine, foreign }) => machine.physical(foreign),
  freePage: ({ machine, foreign }) => {
    machine.freePage(foreign);
  },
  flushDcachePage: ({ task, foreign }) => kernel.flushDcachePage(task, foreign),
  flushDcacheFolio: ({ task, foreign }) => kernel.flushDcacheFolio(task, folioOf(foreign)),
  kmapLocalPage: ({ task, foreign }) => kernel.kmapLocalPage(task, foreign),
  kmapLocalPageTryFromPanic: ({ task, foreign }) => kernel.kmapLocalPageTryFromPanic(task, foreign),
  kmapLocalFolio: ({ task, foreign }) => kernel.kmapLocalFolio(task, folioOf(foreign), 0),
  kmapAtomic: ({ task, foreign }) => kernel.kmapAtomic(task, foreign),
  kmap: ({ task, foreign }) => runAlone(task, kernel.kmap(task, foreign)),
  kunmap: ({ task, foreign }) => kernel.kunmap(task, foreign),
  kmapHighGet: ({ task, foreign }) => kernel.kmapHighGet(task, foreign),
  pageAddress: ({ task, foreign }) => kernel.pageAddress(task, foreign),
  vmap: ({ task, own, foreign }) => kernel.vmap(task, [own, foreign]),
  memcpyPageTo: ({ task, own, foreign }) => kernel.memcpyPage(task, foreign, 0, own, 0, 8),
  memcpyPageFrom: ({ task, own, foreign }) => kernel.memcpyPage(task, own, 0, foreign, 0, 8),
  memcpyFromPage: ({ task, foreign }) => kernel.memcpyFromPage(task, new Uint8Array(8), foreign, 0),
  memcpyToPage: ({ task, foreign }) => kernel.memcpyToPage(task, foreign, 0, new Uint8Array(8)),
  memsetPage: ({ task, foreign }) => kernel.memsetPage(task, foreign, 0, 1, 8),
  memzeroPage: ({ task, foreign }) => kernel.memzeroPage(task, foreign, 0, 8),
  copyHighpage: ({ task, own, foreign }) => kernel.copyHighpage(task, own, foreign),
  copyMcHighpage: ({ task, own, foreign }) => kernel.copyMcHighpage(task, own, foreign),
  clearHighpage: ({ task, foreign }) => kernel.clearHighpage(task, foreign),
  clearUserHighpages: ({ task, foreign }) => kernel.clearUserHighpages(task, foreign, 1),
  zeroUser: ({ task, foreign }) => kernel.zeroUser(task, foreign, 0, 8),
  memcpyFolio: ({ task, own, foreign }) => kernel.memcpyFolio(task, folioOf(own), 0, folioOf(foreign), 0, 8),
  memcpyFromFolio: ({ task, foreign }) =>
    kernel.memcpyFromFolio(task, new Uint8Array(8), folioOf(foreign), 0),
  memcpyToFolio: ({ task, foreign }) => kernel.memcpyToFolio(task, folioOf(foreign), 0, new Uint8Array(8)),
  folioFillTail: ({ task, foreign }) => kernel.folioFillTail(task, folioOf(foreign), 0, new Uint8Array(8)),
  bvecKmapLocal: ({ task, foreign }) => kernel.bvecKmapLocal(task, { page: foreign, offset: 0, length: 8 }),
  bvecVirt: ({ task, foreign }) => kernel.bvecVirt(task, { page: foreign, offset: 0, length: 8 }),
  pgmapSetReadwrite: ({ task, foreign }) => kernel.pgmapSetReadwrite(task, foreign),
  skbFragForeachPage: ({ machine, foreign }) =>
    kernel.skbFragForeachPage(machine, foreign, 0, 8, () => undefined),
  mapIo: ({ task }) => mapIo(task, createMachine(SIZES).ioRegion(1)[0]!, 0, 8),
  'DmaDevice.map': ({ machine, task, foreign }) =>
    new DmaDevice(machine).map(task, [{ page: foreign, offset: 0, length: 8 }], 'toDevice'),
};

function tableOver(...pages: Page[]): SgTable {
  const made = sgAllocTableFromPages<MemoryKind>(pages, { size: pages.length * 4096 });
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

const BY_LIST: Readonly<Record<string, (world: World, table: SgTable, backend: MapBackend) => unknown>> = {
  sgMap: ({ foreign }, _table, backend) => sgMap(tableOver(foreign).sgl!, 0, backend),
  SgMiter: (_world, table, backend) => {
    const it = new SgMiter(table, backend, 'toSg');
    for (let step = it.next(); step.ok && step.value; step = it.next()) it.consumed = it.length;
  },
  sgCopyToBuffer: (_world, table, backend) => sgCopyToBuffer(table, new Uint8Array(99999), backend),
  sgCopyFromBuffer: (_world, table, backend) => sgCopyFromBuffer(table, new Uint8Array(99999), backend),
  sgZeroBuffer: (_world, table, backend) => sgZeroBuffer(table, 99999, backend),
  'sgCopyList from': ({ own }, table, backend) =>
    sgCopyList(tableOver(own, own), table, { lengthBytes: 8192 }, backend),
  'sgCopyList to': ({ own }, table, backend) =>
    sgCopyList(table, tableOver(own, own), { lengthBytes: 8192 }, backend),
  sgCompare: ({ own }, table, backend) => {
    const two = tableOver(own, own);
    return sgCompare(two, table, { lengthBytes: 8192 }, backend);
  },
};

const BINDERS = ['kmapLocal', 'kmapAtomic', 'kmap', 'pageAddress', 'vmap', 'iomemBounce', 'pgmap'] as const;

const LOCKS: Readonly<Record<string, (machine: Machine, context: Task) => unknown>> = {
  'SpinLock.lock': (machine, context) => runAlone(context, new SpinLock(machine, 'l').lock(context)),
  'SpinLock.tryLock': (machine, context) => new SpinLock(machine, 'l').tryLock(context),
  'SpinLock.unlock': (machine, context) => {
    new SpinLock(machine, 'l').unlock(context);
  },
  'Mutex.lock': (machine, context) => runAlone(context, new Mutex(machine, 'l').lock(context)),
  'Mutex.unlock': (machine, context) => {
    new Mutex(machine, 'l').unlock(context);
  },
  'Semaphore.down': (machine, context) => runAlone(context, new Semaphore(machine, 'l', 1).down(context)),
  'Semaphore.up': (machine, context) => {
    new Semaphore(machine, 'l', 1).up(context);
  },
  'RwSemaphore.downRead': (machine, context) =>
    runAlone(context, new RwSemaphore(machine, 'l').downRead(context)),
  'RwSemaphore.downWrite': (machine, context) =>
    runAlone(context, new RwSemaphore(machine, 'l').downWrite(context)),
  'Completion.wait': (machine, context) => runAlone(context, new Completion(machine, 'l').wait(context)),
  'Completion.complete': (machine, context) => {
    new Completion(machine, 'l').complete(context);
  },
};

describe('what belongs to another machine', () => {
  it('is refused as the head of a folio', () => {
    const { machine, foreign } = worldOf({}, 'lowmem');
    const { folios } = machine;
    expect(() => folios.compound(foreign, 1)).to.throw(ConfigError, /is a page of another machine/);
    expect(() => folios.of(foreign)).to.throw(ConfigError, /is a page of another machine/);
  });

  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, act] of Object.entries(LOCKS)) {
      it(`is refused as a context by ${name}, ${mode}`, () => {
        const [machine, other] = [createMachine({ mode }), createMachine({ mode })];
        expect(() => act(machine, other.task('stranger'))).to.throw(
          ConfigError,
          'task "stranger" is a context of another machine',
        );
      });
    }

    for (const kind of KINDS) {
      it(`is refused by every function that takes a page: ${kind}, ${mode}`, () => {
        for (const [name, act] of Object.entries(BY_PAGE)) {
          const world = worldOf({ mode }, kind);
          const { ledger } = world.machine;
          // A map of the own page may come first; nothing else happens.
          expect(() => act(world), name).to.throw(ConfigError, /is a page of another machine/);
          expect(world.machine.ledger.unmaps, name).to.equal(ledger.unmaps);
          world.foreign.zone.memory.bytesOf(world.foreign).forEach((byte) => {
            if (byte !== 0) expect.fail(name);
          });
        }
      });

      for (const binder of BINDERS) {
        it(`is refused by every walk over a list: ${kind}, ${mode}, ${binder}`, () => {
          for (const trace of [false, true]) {
            for (const [name, act] of Object.entries(BY_LIST)) {
              // The first page, a later one, and again once the pieces are kept.
              for (const [i, order] of [['foreign'], ['own', 'foreign']].entries()) {
                const world = worldOf({ mode, trace }, kind);
                const table = tableOver(...order.map((key) => (key === 'own' ? world.own : world.foreign)));
                const backend: MapBackend = backends[binder](world.task);
                const walk = (): unknown => act(world, table, backend);
                if (kind === 'highmem' && (binder === 'pageAddress' || binder === 'pgmap')) continue;
                expect(walk, `${name} ${String(i)}`).to.throw(ConfigError, /is a page of another machine/);
                if (binder === 'kmapAtomic' || name.includes('List') || name === 'sgCompare') continue;
                expect(walk, `${name} ${String(i)} again`).to.throw(/is a page of another machine/);
              }
            }
          }
        });
      }
    }

    it(`is refused as a list that one machine has copied and another copies again: ${mode}`, () => {
      const [first, second] = [createMachine({ ...SIZES, mode }), createMachine({ ...SIZES, mode })];
      const table = tableOver(...first.allocPages(12, { zone: 'highmem', layout: 'scattered' }));
      const out = new Uint8Array(12 * 4096);
      for (let i = 0; i < 2; i += 1)
        expect(sgCopyToBuffer(table, out, backends.kmapLocal(first.task())).ok).to.be.true;
      expect(() => sgCopyToBuffer(table, out, backends.kmapLocal(second.task()))).to.throw(
        ConfigError,
        'is a page of another machine',
      );
    });

    it(`is refused as a mapping, a context, a task to migrate, and an entry with an address: ${mode}`, () => {
      const { machine, task, own, foreign } = worldOf({ mode }, 'lowmem');
      const other = createMachine({ ...SIZES, mode });
      const stranger = other.task('stranger');
      const window = kernel.kmapLocalPage(stranger, other.allocPage({ zone: 'lowmem' }));
      expect(() => {
        kernel.kunmapLocal(task, window);
      }).to.throw(ConfigError, 'is one of another machine');
      expect(window.live).to.be.true;
      expect(() => machine.enter(stranger)).to.throw(ConfigError, 'is a context of another machine');
      expect(() => {
        machine.migrate(stranger, 1);
      }).to.throw(ConfigError, 'is a context of another machine');
      expect(() => sgVirt(tableOver(foreign).sgl!, machine)).to.throw(
        ConfigError,
        'is a page of another machine',
      );
      expect(() => dmaMapSgtable(task, new DmaDevice(machine), tableOver(own, foreign), 'toDevice')).to.throw(
        ConfigError,
        'is a page of another machine',
      );
    });
  }
});
