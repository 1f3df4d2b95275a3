/** Every way to touch a page, on pages that are free, were never allocated, or have another owner by now. */
import { expect } from 'chai';
import {
  SgArray,
  SgMiter,
  ViolationError,
  createMachine,
  sgCompare,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgFill,
  sgInitMarker,
  sgMap,
  sgZeroBuffer,
} from 'scatterlist';
import type { MapBackend, MemoryKind, Page, SgList } from 'scatterlist';
import {
  iomemBounce,
  kmapAtomic,
  kmapLocal,
  pageAddress as pageAddressBackend,
  vmap as vmapBackend,
} from 'scatterlist/backends';
import { kmap as kmapBackend } from 'scatterlist/backends';
import {
  BouncePool,
  DmaDevice,
  Folio,
  clearHighpage,
  clearUserHighpages,
  copyHighpage,
  copyMcHighpage,
  dmaMapPage,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  folioFillTail,
  folioZeroRange,
  kmap,
  kunmap,
  kmapLocalFolio,
  kmapLocalPage,
  memcpyFolio,
  memcpyFromFileFolio,
  memcpyFromFolio,
  memcpyFromPage,
  memcpyPage,
  memcpyToFolio,
  memcpyToPage,
  memsetPage,
  memzeroPage,
  pageAddress,
  runAlone,
  vmap,
  zeroUser,
} from 'scatterlist/machine';
import type { Machine, MachineOptions, DirectMapping, Task } from 'scatterlist/machine';
import { isReachable } from '../../../lib/kernel/core/page-lifetime.ts';

/** A page to touch, and one beside it that may be touched. */
interface Fixture {
  readonly machine: Machine;
  readonly task: Task;
  readonly page: Page;
  readonly good: Page;
}

type Touch = (b: Fixture) => unknown;

function listOf(page: Page, length = 100): SgList<MemoryKind> {
  const list = new SgArray<MemoryKind>(1);
  list.set(0, page, length, 0);
  sgInitMarker(list, 1);
  return { sgl: list.entry(0), origNents: 1 };
}

const local = (b: Fixture): DirectMapping => kmapLocalPage(b.task, b.page);
const buffer = (): Uint8Array => new Uint8Array(100);
const range = { lengthBytes: 100 };

/** Touches of highmem pages, as of any other. */
const TOUCHES: Readonly<Record<string, Touch>> = {
  load8: (b) => local(b).load8(1),
  load16: (b) => local(b).load16(2),
  load32: (b) => local(b).load32(4),
  load64: (b) => local(b).load64(8),
  store8: (b) => {
    local(b).store8(1, 1);
  },
  store16: (b) => {
    local(b).store16(2, 1);
  },
  store32: (b) => {
    local(b).store32(4, 1);
  },
  store64: (b) => {
    local(b).store64(8, 1n);
  },
  copyTo: (b) => {
    local(b).copyTo(buffer());
  },
  copyFrom: (b) => {
    local(b).copyFrom(buffer());
  },
  fill: (b) => {
    local(b).fill(0);
  },
  bytes: (b) => local(b).bytes,
  kmap: (b) => runAlone(b.task, kmap(b.task, b.page)).load8(0),
  vmap: (b) => {
    const m = vmap(b.task, [b.good, b.page]);
    return m.ok && m.value.load8(4096);
  },
  'vmap, bytes': (b) => {
    const m = vmap(b.task, [b.good, b.page]);
    return m.ok && m.value.bytes;
  },
  'memcpy_page, from': (b) => {
    memcpyPage(b.task, b.good, 0, b.page, 0, 10);
  },
  'memcpy_page, to': (b) => {
    memcpyPage(b.task, b.page, 0, b.good, 0, 10);
  },
  memcpy_from_page: (b) => {
    memcpyFromPage(b.task, buffer(), b.page, 0);
  },
  memcpy_to_page: (b) => {
    memcpyToPage(b.task, b.page, 0, buffer());
  },
  memset_page: (b) => {
    memsetPage(b.task, b.page, 0, 1, 10);
  },
  memzero_page: (b) => {
    memzeroPage(b.task, b.page, 0, 10);
  },
  'copy_highpage, from': (b) => {
    copyHighpage(b.task, b.good, b.page);
  },
  'copy_highpage, to': (b) => {
    copyHighpage(b.task, b.page, b.good);
  },
  copy_mc_highpage: (b) => copyMcHighpage(b.task, b.good, b.page),
  clear_highpage: (b) => {
    clearHighpage(b.task, b.page);
  },
  clear_user_highpages: (b) => {
    clearUserHighpages(b.task, b.page, 1);
  },
  zero_user: (b) => {
    zeroUser(b.task, b.page, 10, 10);
  },
  kmap_local_folio: (b) => kmapLocalFolio(b.task, new Folio(b.page, 1), 10).load8(0),
  'memcpy_folio, from': (b) => {
    memcpyFolio(b.task, new Folio(b.good, 1), 0, new Folio(b.page, 1), 0, 10);
  },
  'memcpy_folio, to': (b) => {
    memcpyFolio(b.task, new Folio(b.page, 1), 0, new Folio(b.good, 1), 0, 10);
  },
  memcpy_from_folio: (b) => {
    memcpyFromFolio(b.task, buffer(), new Folio(b.page, 1), 0);
  },
  memcpy_from_file_folio: (b) => memcpyFromFileFolio(b.task, buffer(), new Folio(b.page, 1), 0),
  memcpy_to_folio: (b) => {
    memcpyToFolio(b.task, new Folio(b.page, 1), 0, buffer());
  },
  folio_zero_range: (b) => {
    folioZeroRange(b.task, new Folio(b.page, 1), 0, 10);
  },
  folio_fill_tail: (b) => {
    folioFillTail(b.task, new Folio(b.page, 1), 0, buffer());
  },
  sg_map: (b) => {
    const sg = listOf(b.page).sgl;
    const m = sg === null ? undefined : sgMap(sg, 0, kmapLocal(b.task) as MapBackend);
    return m?.ok === true && m.value.load8(0);
  },
  sg_miter: (b) => {
    const it = new SgMiter(listOf(b.page).sgl, kmapLocal(b.task), 'fromSg');
    const found = it.next();
    return found.ok && found.value && it.bytes;
  },
  'DMA, mapped when free': (b) => dmaMapPage(b.task, new DmaDevice(b.machine), b.page, 0, 10, 'toDevice'),
  'DMA through an IOMMU, mapped when free': (b) =>
    dmaMapPage(b.task, new DmaDevice(b.machine, { iommu: {} }), b.page, 0, 10, 'fromDevice'),
  'DMA, bounced, mapped when free': (b) => {
    const bounce = { pool: new BouncePool(b.machine), always: true };
    return dmaMapPage(b.task, new DmaDevice(b.machine, { bounce }), b.page, 0, 10, 'toDevice');
  },
  'a model of a device': (b) => b.machine.physical(b.page, 'a disk'),
};

const BACKENDS: Readonly<Record<string, (task: Task) => MapBackend>> = {
  kmap: kmapBackend,
  kmap_atomic: kmapAtomic,
  kmap_local: kmapLocal,
  page_address: pageAddressBackend,
  vmap: vmapBackend,
};

/** Copy helpers, which go through a backend, page by page or in one go. */
const HELPERS: Readonly<Record<string, (b: Fixture, backend: MapBackend) => unknown>> = {
  sg_copy_to_buffer: (b, backend) => sgCopyToBuffer(listOf(b.page), buffer(), backend),
  sg_copy_from_buffer: (b, backend) => sgCopyFromBuffer(listOf(b.page), buffer(), backend),
  sg_zero_buffer: (b, backend) => sgZeroBuffer(listOf(b.page), 100, backend),
  sg_fill: (b, backend) => sgFill(listOf(b.page), 3, range, backend),
  'sg_copy_list, from': (b, backend) => sgCopyList(listOf(b.good), listOf(b.page), range, backend),
  'sg_copy_list, to': (b, backend) => sgCopyList(listOf(b.page), listOf(b.good), range, backend),
  sg_compare: (b, backend) => sgCompare(listOf(b.good), listOf(b.page), range, backend),
  'sg_copy_to_buffer of an entry that runs into it': (b, backend) =>
    b.page.pfn === b.good.pfn + 1
      ? sgCopyToBuffer(listOf(b.good, 4196), new Uint8Array(4196), backend)
      : sgCopyToBuffer(listOf(b.page), buffer(), backend),
};

/** How a page came to be nobody's. */
const STATES: Readonly<Record<string, (machine: Machine, page: Page) => void>> = {
  freed: (machine, page) => {
    machine.freePage(page);
  },
  'never allocated': (_, page) => {
    page.owner = undefined;
  },
};

const MACHINES: Readonly<Record<string, MachineOptions>> = {
  'that is quiet': {},
  'with a trace': { trace: true },
  'that tracks uninitialised bytes': { trackUninitialised: true },
  'with a data cache': { dcacheColours: 2 },
  'that is compatible': { semantics: 'compatible' },
  'without highmem': { highmem: false },
  'that is 6.1': { linux: '6.1' },
};

function setUp(options: MachineOptions, zone: 'lowmem' | 'highmem' = 'highmem'): Fixture {
  const machine = createMachine({ lowmemPages: 64, highmemPages: 64, bounceSlots: 8, ...options });
  const [good, page] = machine.allocPages(2, { zone });
  if (good === undefined || page === undefined) throw new Error('two pages');
  const task = machine.task('driver');
  for (const each of [good, page]) machine.physical(each).fill(7);
  return { machine, task, page, good };
}

function ruleOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ViolationError)) throw error;
    return error.violation.rule;
  }
  return 'none';
}

describe('the life of a page', () => {
  for (const [state, lose] of Object.entries(STATES)) {
    for (const [kind, options] of Object.entries(MACHINES)) {
      it(`reports each touch of a page that was ${state}, on a machine ${kind}`, () => {
        for (const [name, touch] of Object.entries(TOUCHES)) {
          const sane = setUp(options);
          expect(
            ruleOf(() => touch(sane)),
            `${name}, allocated`,
          ).to.equal('none');
          const b = setUp(options);
          lose(b.machine, b.page);
          expect(
            ruleOf(() => touch(b)),
            name,
          ).to.equal('use-after-free');
        }
      });

      it(`reports each copy of a page that was ${state}, on a machine ${kind}`, () => {
        for (const [helper, copy] of Object.entries(HELPERS)) {
          for (const [mechanism, backendOf] of Object.entries(BACKENDS)) {
            const name = `${helper} through ${mechanism}`;
            const sane = setUp(options, 'lowmem');
            expect(
              ruleOf(() => copy(sane, backendOf(sane.task))),
              `${name}, allocated`,
            ).to.equal('none');
            const b = setUp(options, 'lowmem');
            // Once before, so that what is kept of the list is there.
            copy(b, backendOf(b.task));
            lose(b.machine, b.page);
            expect(
              ruleOf(() => copy(b, backendOf(b.task))),
              name,
            ).to.equal('use-after-free');
          }
        }
      });
    }
  }

  it('goes on after the report where the machine records, and copies the rest', () => {
    for (const options of Object.values(MACHINES)) {
      const b = setUp({ ...options, onViolation: 'record' });
      b.machine.freePage(b.page);
      const out = new Uint8Array(4100);
      expect(sgCopyToBuffer(listOf(b.good, 4100), out, kmapLocal(b.task) as MapBackend)).to.deep.equal({
        ok: true,
        value: 4100,
      });
      expect([out[4095], out[4096]]).to.deep.equal([7, 0xaa]);
      expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['use-after-free']);
      expect(b.machine.liveMappings).to.equal(0);
    }
  });

  it('names who allocated and who freed the page, and where', () => {
    const { machine, page } = setUp({});
    const closer = machine.task('closer', { cpu: 1 });
    machine.enter(closer);
    machine.freePage(page);
    let report = '';
    try {
      memcpyFromPage(machine.task('reader'), buffer(), page, 0);
    } catch (error) {
      report = String(error);
    }
    expect(report).to.match(/allocated +by task "swapper\/0" on cpu0, at page-lifetime\.spec\.ts:\d+/);
    expect(report).to.match(/freed +by task "closer" on cpu1, at page-lifetime\.spec\.ts:\d+/);
    expect(report).to.match(/task +"reader" on cpu0/);
  });

  it('leaves the line out where the machine keeps none', () => {
    const { machine, page, task } = setUp({ callSites: false });
    machine.freePage(page);
    expect(() => {
      memcpyFromPage(task, buffer(), page, 0);
    }).to.throw(ViolationError, /freed +by task "swapper\/0" on cpu0\n/);
  });

  it('is silent on a direct machine, which hands pages out zeroed all the same', () => {
    for (const mode of ['direct', 'checked'] as const) {
      const { machine, page, task } = setUp({ mode, highmemPages: 2 });
      machine.freePage(page);
      expect([...new Set(machine.physical(page))], mode).to.deep.equal([0xaa]);
      const touched = ruleOf(() => {
        memcpyToPage(task, page, 0, buffer().fill(9));
      });
      expect(touched).to.equal(mode === 'direct' ? 'none' : 'use-after-free');
      const again = machine.allocPage({ zone: 'highmem' });
      expect(again).to.equal(page);
      expect([...new Set(machine.physical(again))], mode).to.deep.equal([0]);
    }
  });

  it('leaves the same bytes on both, where an array over the page was written before it changed hands', () => {
    for (const mode of ['direct', 'checked'] as const) {
      const { machine, page, good, task } = setUp({ mode, onViolation: 'record', highmemPages: 2 });
      const m = vmap(task, [page, good]);
      if (!m.ok) throw new Error(m.error.code);
      const { bytes } = m.value;
      bytes[0] = 1;
      machine.freePage(page);
      expect([...new Set(machine.physical(page)), bytes[0]], mode).to.deep.equal([0xaa, 0xaa]);
      bytes[1] = 2;
      machine.allocPage({ zone: 'highmem' });
      expect([...new Set(machine.physical(page)), bytes[1]], mode).to.deep.equal([0, 0]);
    }
  });

  it('poisons a page that was never touched before it was freed', () => {
    const machine = createMachine();
    const page = machine.allocPage({ zone: 'lowmem' });
    machine.freePage(page);
    expect(machine.hardware.memory.touchedPages).to.equal(0);
    expect(machine.physical(page)[4095]).to.equal(0xaa);
  });

  describe('with a mapping older than the page’s owner', () => {
    const old = (): Fixture & { readonly m: DirectMapping } => {
      const b = setUp({ onViolation: 'record', highmemPages: 2 });
      const m = local(b);
      b.machine.freePage(b.page);
      expect(b.machine.allocPage({ zone: 'highmem' })).to.equal(b.page);
      return { ...b, m };
    };
    const rules = ({ machine }: Fixture): readonly string[] => machine.violations.map(({ rule }) => rule);

    it('reports the free, then each touch through it, and none through a new one', () => {
      const b = old();
      b.m.store8(0, 1);
      expect(b.machine.violations[1]?.what).to.contain('which has been allocated anew since it was mapped');
      expect(isReachable(b.page, b.m.serial)).to.equal(false);
      const mine = kmapLocalPage(b.task, b.page);
      expect(mine.load8(0)).to.equal(1);
      expect(isReachable(b.page, mine.serial)).to.equal(true);
      expect(rules(b)).to.deep.equal(['freed-while-mapped', 'use-after-free']);
    });

    it('reports a write to its array at the next operation', () => {
      const b = setUp({ onViolation: 'record', highmemPages: 2 });
      const m = local(b);
      const kept = m.bytes;
      kept[0] = 1;
      b.machine.freePage(b.page);
      expect(rules(b)).to.deep.equal(['freed-while-mapped']);
      kept[3] = 9;
      b.machine.enter(b.task);
      expect(b.machine.violations[1]?.what).to.equal(
        `a store to byte 3 of an array kept from a mapping of pfn 0x${b.page.pfn.toString(16)}, which was freed`,
      );
      b.machine.enter(b.task);
      b.machine.allocPage({ zone: 'highmem' });
      expect(rules(b)).to.deep.equal(['freed-while-mapped', 'use-after-free']);
      kept[4] = 9;
      b.machine.enter(b.task);
      expect(rules(b).length).to.equal(3);
      expect(b.machine.violations[2]?.what).to.contain('allocated anew');
    });
  });

  describe('with a device', () => {
    const ways = {
      direct: () => ({}),
      'through an IOMMU': () => ({ iommu: {} }),
      bounced: (machine: Machine) => ({ bounce: { pool: new BouncePool(machine), always: true } }),
    };
    for (const [way, optionsOf] of Object.entries(ways)) {
      it(`reports the free under it and what it does later, ${way}`, () => {
        for (const direction of ['fromDevice', 'toDevice', 'bidirectional'] as const) {
          const b = setUp({ onViolation: 'record' });
          const device = new DmaDevice(b.machine, { name: 'nic', ...optionsOf(b.machine) });
          const mapped = dmaMapPage(b.task, device, b.page, 0, 64, direction);
          if (!mapped.ok) throw new Error(mapped.error.code);
          b.machine.freePage(b.page);
          const rules = b.machine.violations;
          expect(rules.map(({ rule }) => rule)).to.deep.equal(['freed-under-dma']);
          if (way !== 'bounced') {
            if (direction !== 'fromDevice') device.read(mapped.value, 64);
            if (direction !== 'toDevice') device.write(mapped.value, new Uint8Array(64));
          } else if (direction === 'toDevice')
            dmaSyncSingleForDevice(b.task, device, mapped.value, 64, direction);
          else dmaSyncSingleForCpu(b.task, device, mapped.value, 64, direction);
          const found = rules.slice(1).map(({ rule, what }) => `${rule}: ${what}`);
          expect(found.length, direction).to.equal(
            direction === 'bidirectional' && way !== 'bounced' ? 2 : 1,
          );
          for (const each of found)
            expect(each).to.match(/^use-after-free: .* of pfn 0x41, which was freed$/);
          const before = rules.length;
          dmaUnmapPage(b.task, device, mapped.value, 64, direction);
          const copiesBack = way === 'bounced' && direction !== 'toDevice';
          expect(rules.length - before, 'unmap').to.equal(copiesBack ? 1 : 0);
        }
      });
    }

    describe('a page of a bounce pool', () => {
      const rules = ({ machine }: Fixture): readonly string[] => machine.violations.map(({ rule }) => rule);
      const users: Readonly<Record<string, (b: Fixture, pool: BouncePool) => void>> = {
        'a mapping of a device': (b, pool) => {
          const device = new DmaDevice(b.machine, { bounce: { pool, always: true } });
          expect(dmaMapPage(b.task, device, b.page, 0, 64, 'toDevice').ok).to.equal(true);
        },
        'a mapping behind an IOMMU': (b, pool) => {
          const device = new DmaDevice(b.machine, { iommu: {}, bounce: { pool }, untrusted: true });
          expect(dmaMapPage(b.task, device, b.page, 0, 64, 'fromDevice').ok).to.equal(true);
        },
        'a buffer taken by hand': (_, pool) => {
          expect(pool.take(64)?.firstSlot).to.equal(0);
        },
      };
      for (const [user, use] of Object.entries(users)) {
        it(`is not to be freed while ${user} has some of the pool`, () => {
          for (const index of [0, 3]) {
            const b = setUp({ onViolation: 'record' });
            const pool = new BouncePool(b.machine);
            use(b, pool);
            const page = pool.pages[index]!;
            b.machine.freePage(page);
            expect(b.machine.violations.map(({ rule, what }) => `${rule}: ${what}`)).to.deep.equal([
              `freed-under-dma: pfn 0x${page.pfn.toString(16)} was freed while it is part of a bounce pool with ${String(pool.slotsInUse)} of 8 slots in use`,
            ]);
          }
        });
      }

      it('is reported once where a bounce map of it is live', () => {
        const b = setUp({ onViolation: 'record' });
        const [bar] = b.machine.ioRegion(1);
        const pool = new BouncePool(b.machine);
        const mapped = iomemBounce(b.task, { pool }).map(bar!, 0, 64);
        expect(mapped.ok).to.equal(true);
        b.machine.freePage(pool.pages[0]!);
        expect(rules(b)).to.deep.equal(['freed-while-mapped']);
        b.machine.freePage(pool.pages[1]!);
        expect(rules(b)).to.deep.equal(['freed-while-mapped', 'freed-under-dma']);
      });

      it('may be freed when none of the pool is in use, by its next owner, too', () => {
        const b = setUp({ onViolation: 'record', lowmemPages: 4, bounceSlots: 8 });
        const pool = new BouncePool(b.machine);
        const run = pool.take(64);
        pool.give(run!);
        const [first] = pool.pages;
        b.machine.freePage(first!);
        const next = b.machine.allocPage({ zone: 'lowmem' });
        expect(next).to.equal(first);
        expect(pool.take(4096)?.firstSlot).to.equal(2);
        b.machine.freePage(next);
        expect(rules(b)).to.deep.equal([]);
      });

      for (const again of [false, true])
        it(`is not to be bounced through once it was freed${again ? ' and has another owner' : ''}`, () => {
          const b = setUp({ onViolation: 'record', lowmemPages: 4, bounceSlots: 8 });
          const pool = new BouncePool(b.machine);
          const device = new DmaDevice(b.machine, { bounce: { pool, always: true } });
          b.machine.freePage(pool.pages[1]!);
          if (again) b.machine.allocPage({ zone: 'lowmem' });
          expect(dmaMapPage(b.task, device, b.page, 0, 2048, 'toDevice').ok).to.equal(true);
          expect(dmaMapPage(b.task, device, b.page, 0, 2048, 'toDevice').ok).to.equal(true);
          expect(rules(b)).to.deep.equal([]);
          expect(dmaMapPage(b.task, device, b.page, 0, 100, 'toDevice').ok).to.equal(true);
          const pfn = pool.pages[1]!.pfn.toString(16);
          expect(b.machine.violations.map(({ rule, what }) => `${rule}: ${what}`)).to.deep.equal([
            `use-after-free: a bounce buffer of 100 bytes of pfn 0x${pfn}, which ${again ? 'has been allocated anew since it was mapped' : 'was freed'}`,
          ]);
        });
    });

    it('allows the free once it is unmapped, and not because the CPU owns the bytes', () => {
      const b = setUp({ onViolation: 'record' });
      const device = new DmaDevice(b.machine);
      const mapped = dmaMapPage(b.task, device, b.page, 0, 64, 'fromDevice');
      if (!mapped.ok) throw new Error(mapped.error.code);
      dmaSyncSingleForCpu(b.task, device, mapped.value, 64, 'fromDevice');
      b.machine.freePage(b.page);
      expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['freed-under-dma']);
      const other = dmaMapPage(b.task, device, b.good, 0, 64, 'fromDevice');
      if (!other.ok) throw new Error(other.error.code);
      dmaUnmapPage(b.task, device, other.value, 64, 'fromDevice');
      b.machine.freePage(b.good);
      expect(b.machine.violations.length).to.equal(1);
    });

    it('reports what it does to the next owner of the page', () => {
      const b = setUp({ onViolation: 'record', highmemPages: 2 });
      const device = new DmaDevice(b.machine);
      const mapped = dmaMapPage(b.task, device, b.page, 0, 64, 'fromDevice');
      if (!mapped.ok) throw new Error(mapped.error.code);
      b.machine.freePage(b.page);
      b.machine.allocPage({ zone: 'highmem' });
      device.write(mapped.value, new Uint8Array(64));
      expect(b.machine.violations[1]?.what).to.match(/^device writes 64 bytes.*allocated anew since/);
    });
  });

  describe('poison', () => {
    it('finds what was written unseen when the page is allocated again', () => {
      const { machine, page } = setUp({ highmemPages: 2, onViolation: 'record' });
      const raw = machine.physical(page);
      machine.freePage(page);
      raw[77] = 5;
      expect(machine.allocPage({ zone: 'highmem' })).to.equal(page);
      expect(machine.violations.map(({ rule, what }) => [rule, what])).to.deep.equal([
        ['use-after-free', `byte 77 of pfn 0x41 was written (to 0x5) while the page was free`],
      ]);
      expect(machine.violations[0]?.details.map(({ label }) => label)).to.deep.equal(['allocated', 'freed']);
      expect(raw[77]).to.equal(0);
    });

    it('is looked at on demand, and each damage is reported once', () => {
      const { machine, page, good } = setUp({ onViolation: 'record' });
      machine.checkPoison();
      const raw = [page, good].map((each) => machine.physical(each));
      machine.freePage(page);
      machine.freePage(good);
      machine.checkPoison();
      expect(machine.violations).to.deep.equal([]);
      for (const bytes of raw) bytes[0] = 0;
      machine.checkPoison();
      machine.checkLeaks();
      expect(machine.violations.length).to.equal(2);
      machine.allocPages(64, { zone: 'highmem' });
      machine.checkPoison();
      expect(machine.violations.length).to.equal(2);
    });

    it('is looked at where leaks are', () => {
      const { machine, page } = setUp({});
      const raw = machine.physical(page);
      machine.freePage(page);
      machine.checkLeaks();
      raw[4095] = 1;
      expect(
        ruleOf(() => {
          machine.checkLeaks();
        }),
      ).to.equal('use-after-free');
    });

    it('does not report a second time what was reported when it was done', () => {
      const b = setUp({ onViolation: 'record', highmemPages: 2 });
      b.machine.freePage(b.page);
      memcpyToPage(b.task, b.page, 0, buffer());
      b.machine.checkPoison();
      b.machine.allocPage({ zone: 'highmem' });
      expect(b.machine.violations.length).to.equal(1);
    });
  });

  describe('a free', () => {
    it('says whether the page was freed before or never allocated', () => {
      const { machine, page } = setUp({});
      machine.freePage(page);
      expect(() => {
        machine.freePage(page);
      }).to.throw(ViolationError, /pfn 0x41 is free already[^]*allocated +by[^]*freed +by/);
      expect(() => {
        machine.freePage(machine.hardware.memory.page(50));
      }).to.throw(ViolationError, 'pfn 0x32 was never allocated');
    });

    it('is refused on a direct machine too', () => {
      const { machine, page } = setUp({ mode: 'direct' });
      const [device] = machine.ioRegion(1);
      machine.freePage(page);
      expect(
        ruleOf(() => {
          machine.freePage(page);
        }),
      ).to.equal('double-free');
      expect(
        ruleOf(() => {
          machine.freePage(device!);
        }),
      ).to.equal('invalid-free');
      expect(machine.hardware.memory.freePages('highmem')).to.equal(63);
      expect(machine.hardware.memory.freePages('iomem')).to.equal(0);
    });

    it('of a folio takes all its pages, one after the other or at once', () => {
      const { machine } = setUp({});
      const free = (): number => machine.hardware.memory.freePages('highmem');
      const before = free();
      const one = machine.allocPages(4, { zone: 'highmem' });
      machine.folios.compound(one[0]!, 4);
      expect(
        ruleOf(() => {
          machine.freePage(one[3]!);
        }),
      ).to.equal('invalid-free');
      for (const page of one) machine.freePage(page);
      const two = machine.allocPages(4, { zone: 'highmem' });
      machine.freeFolio(machine.folios.compound(two[0]!, 4));
      expect(free()).to.equal(before);
      expect(machine.folios.of(two[2]!).pages).to.equal(1);
      const three = machine.allocPages(2, { zone: 'highmem' });
      machine.folios.compound(three[0]!, 2);
      expect(
        ruleOf(() => {
          machine.freeFolio(new Folio(three[1]!, 1));
        }),
      ).to.equal('invalid-free');
    });

    it('under a map of pages that do not follow each other is found by its page', () => {
      const { machine, task } = setUp({});
      const pages = machine.allocPages(8, { zone: 'highmem', layout: 'scattered' });
      const m = vmap(task, pages.slice(0, 4));
      expect(m.ok).to.equal(true);
      expect(
        ruleOf(() => {
          machine.freePage(pages[3]!);
        }),
      ).to.equal('freed-while-mapped');
      expect(
        ruleOf(() => {
          machine.freePage(pages[4]!);
        }),
      ).to.equal('none');
    });
  });

  it('lets a free page be mapped, and a permanent address be taken', () => {
    const b = setUp({}, 'lowmem');
    b.machine.freePage(b.page);
    expect(ruleOf(() => kmapLocalPage(b.task, b.page))).to.equal('none');
    expect(ruleOf(() => pageAddress(b.task, b.page))).to.equal('none');
    expect(ruleOf(() => pageAddress(b.task, b.page)?.load8(0))).to.equal('use-after-free');
  });
});

describe('isReachable', () => {
  it('lets a mapping reach a page that has the same owner since it was made, and no other', () => {
    const machine = createMachine();
    const page = machine.allocPage({ zone: 'highmem' });
    const since = page.owner?.since ?? NaN;
    expect([since - 1, since, since + 1].map((made) => isReachable(page, made))).to.deep.equal([
      false,
      true,
      true,
    ]);
    machine.freePage(page);
    expect(isReachable(page, machine.stamp())).to.equal(false);
  });
});

describe('a page that is freed', () => {
  it('may keep its slot in the pool, and the entries of TLBs for it, until the pool recycles the slot', () => {
    const machine = createMachine({ pkmapSlots: 1 });
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const m = runAlone(task, kmap(task, page));
    m.load8(0);
    kunmap(task, m);
    expect(machine.pkmap.slotOf(page)).to.equal(0);
    machine.freePage(page);
    expect(machine.violations).to.deep.equal([]);
  });

  it('may not where the slot has been given up', () => {
    for (const leave of [
      (machine: Machine, page: Page) => {
        machine.hardware.pageTable.pkmap.set(0, page.pfn);
      },
      (machine: Machine, page: Page) => {
        machine.hardware.cpu(1).tlb.fill(machine.pkmap.address(0), page.pfn);
      },
    ]) {
      const machine = createMachine();
      const page = machine.allocPage({ zone: 'highmem' });
      leave(machine, page);
      expect(() => {
        machine.freePage(page);
      }).to.throw(/left-over-translation/);
    }
  });

  it('is not looked for on a direct machine, which keeps no mappings', () => {
    const machine = createMachine({ mode: 'direct' });
    const page = machine.allocPage({ zone: 'highmem' });
    kmapLocalPage(machine.task(), page);
    machine.freePage(page);
    expect(machine.hardware.memory.freePages('highmem')).to.equal(16384);
  });
});
