import { expect } from 'chai';
import {
  createMachine,
  sgAllocTableFromPages,
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgMap,
  sgUnmap,
  sgVirt,
} from 'scatterlist';
import type { Context, Machine, MachineOptions, Task } from 'scatterlist';
import { explore } from 'scatterlist/explore';
import { mapLocal, openDirect, tryMapPool } from 'scatterlist/backend';
import * as backends from 'scatterlist/backends';
import {
  AddressSpace,
  Folio,
  clearHighpage,
  copyHighpage,
  flushDcacheArea,
  folioZeroRange,
  kmap,
  kmapAtomic,
  kmapLocalFolio,
  kmapLocalPage,
  kmapLocalPageTryFromPanic,
  kmapLocalPfn,
  kunmapLocal,
  memcpyFolio,
  memcpyFromBvec,
  memcpyFromFolio,
  memcpyFromPage,
  memcpyPage,
  memcpyToPage,
  memsetPage,
  pageAddress,
  pageAddressOf,
  pageToVirt,
  runAlone,
  vmap,
  zeroUser,
} from 'scatterlist/machine';
import type { DirectMapping, Page } from 'scatterlist/machine';

// Memory that has a page struct and no linear map: what maps a page by its linear address hands out an address that
// faults, and what makes a page-table entry of its own works.

const MACHINES: readonly MachineOptions[] = (['checked', 'direct'] as const).flatMap((mode) =>
  [true, false].flatMap((highmem) =>
    (['strict', 'compatible'] as const).map((semantics): MachineOptions => ({
      mode,
      highmem,
      semantics,
      unmappablePages: 8,
    })),
  ),
);

type Map = (task: Task, page: Page) => DirectMapping | undefined;

/** What returns page_address of such a page. */
const BY_ADDRESS: Readonly<Record<string, Map>> = {
  kmap: (task, page) => runAlone(task, kmap(task, page)),
  'kmap, without waiting': (task, page) => tryMapPool(task, page, 0, 4096),
  kmap_atomic: kmapAtomic,
  kmap_local_page: kmapLocalPage,
  'kmap_local_page, a part': (task, page) => mapLocal(task, page, 16, 16),
  kmap_local_page_try_from_panic: kmapLocalPageTryFromPanic,
  kmap_local_folio: (task, page) => kmapLocalFolio(task, new Folio(page, 2), 0),
  page_address: pageAddress,
  'page_address, a part': (task, page) => openDirect(task, page, 8, 8),
};

/** What reads or writes such a page through a local map. */
const COPIES: Readonly<Record<string, (task: Context, page: Page, low: Page) => unknown>> = {
  memcpy_from_page: (task, page) => memcpyFromPage(task, new Uint8Array(8), page, 0),
  memcpy_to_page: (task, page) => memcpyToPage(task, page, 0, new Uint8Array(8)),
  'memcpy_page from it': (task, page, low) => memcpyPage(task, low, 0, page, 0, 8),
  'memcpy_page to it': (task, page, low) => memcpyPage(task, page, 0, low, 0, 8),
  memset_page: (task, page) => memsetPage(task, page, 0, 1, 8),
  zero_user: (task, page) => zeroUser(task, page, 0, 8),
  clear_highpage: (task, page) => clearHighpage(task, page),
  copy_highpage: (task, page, low) => copyHighpage(task, low, page),
  folio_zero_range: (task, page) => folioZeroRange(task, new Folio(page, 1), 0, 8),
  memcpy_from_folio: (task, page) => memcpyFromFolio(task, new Uint8Array(8), new Folio(page, 2), 4090),
  memcpy_folio: (task, page, low) => memcpyFolio(task, new Folio(low, 1), 0, new Folio(page, 1), 0, 8),
  memcpy_from_bvec: (task, page) => memcpyFromBvec(task, new Uint8Array(8), { page, offset: 0, length: 8 }),
  'a pointer to page_address': (task, page) => new AddressSpace(task).load8(pageAddressOf(task, page)),
};

function pagesOf(machine: Machine): readonly Page[] {
  return machine.allocPages(2, { zone: 'unmappable' });
}

describe('memory without a linear map', () => {
  for (const options of MACHINES) {
    describe(JSON.stringify(options), () => {
      for (const [name, map] of Object.entries(BY_ADDRESS)) {
        it(`${name} takes no slot, and an access to its address faults`, () => {
          const machine = createMachine(options);
          const task = machine.task('driver');
          const [page] = pagesOf(machine);
          const before = machine.ledger;
          const mapped = map(task, page!)!;
          expect(machine.ledger.pteWrites).to.equal(before.pteWrites);
          expect(task.localMaps.idx).to.equal(0);
          expect(machine.pkmap.slotsInUse).to.equal(0);
          expect(mapped.vaddr - (mapped.vaddr % 4096)).to.equal(pageToVirt(machine, page!));
          for (const access of [
            () => mapped.load8(0),
            () => mapped.load64(0),
            () => mapped.store32(0, 1),
            () => mapped.copyTo(new Uint8Array(4)),
            () => mapped.copyFrom(new Uint8Array(4)),
            () => mapped.fill(0),
            () => mapped.bytes,
            () => new AddressSpace(task).load8(mapped.vaddr),
          ])
            expect(access).to.throw('rule: no-linear-address');
          mapped[Symbol.dispose]();
          expect(machine.liveMappings).to.equal(0);
        });
      }

      for (const [name, copy] of Object.entries(COPIES)) {
        it(`${name} faults`, () => {
          const machine = createMachine(options);
          const [page] = pagesOf(machine);
          const low = machine.allocPage({ zone: 'lowmem' });
          expect(() => copy(machine.task('driver'), page!, low)).to.throw('rule: no-linear-address');
        });
      }

      it('vmap makes entries of its own, so it works, also as a backend', () => {
        const machine = createMachine(options);
        const task = machine.task('driver');
        const pages = machine.allocPages(2, { zone: 'unmappable' });
        const made = vmap(task, pages);
        if (!made.ok) throw new Error('no space');
        made.value.store32(4094, 0x4433_2211);
        expect(machine.physical(pages[1]!)[0]).to.equal(0x33);
        made.value[Symbol.dispose]();
        const table = sgAllocTableFromPages(pages, { size: 8192 });
        if (!table.ok) throw new Error('no table');
        const backend = backends.vmap(task);
        expect(sgCopyFromBuffer(table.value, Uint8Array.of(9), backend)).to.deep.include({ ok: true });
        const bytes = new Uint8Array(8192);
        expect(sgCopyToBuffer(table.value, bytes, backend)).to.deep.include({ ok: true, value: 8192 });
        expect([bytes[0], bytes[4095]]).to.deep.equal([9, 0x22]);
      });

      it('kmap_local_pfn and forced maps make an entry, too', () => {
        const machine = createMachine({ ...options, forceMap: true });
        const task = machine.task('driver');
        const [page] = pagesOf(machine);
        for (const map of [kmapLocalPage, kmapAtomic, () => kmapLocalPfn(task, page!.pfn)]) {
          const mapped = map(task, page!);
          mapped.store8(0, mapped.load8(0) + 1);
          mapped[Symbol.dispose]();
        }
        expect(machine.physical(page!)[0]).to.equal(3);
      });

      it('all other backends refuse it', () => {
        const machine = createMachine(options);
        const task = machine.task('driver');
        const pages = machine.allocPages(1, { zone: 'unmappable' });
        const table = sgAllocTableFromPages(pages, { size: 8 });
        if (!table.ok) throw new Error('no table');
        const { kmap: pool, kmapLocal, kmapAtomic: atomic, pageAddress: direct, pgmap } = backends;
        for (const make of [
          pool,
          kmapLocal,
          atomic,
          direct,
          pgmap,
          backends.iomemBounce,
          backends.ioAccess,
        ]) {
          const result = sgMap(table.value.sgl!, 0, make(task));
          expect(result.ok).to.equal(false);
          if (result.ok) sgUnmap(result.value);
        }
        const virt = sgVirt(table.value.sgl!, machine);
        expect(virt.ok).to.equal(options.semantics === 'compatible');
      });

      it('cache maintenance at its address faults', () => {
        const machine = createMachine(options);
        const [page] = pagesOf(machine);
        expect(() => flushDcacheArea(machine.task('driver'), pageToVirt(machine, page!), 4)).to.throw(
          'rule: wild-access',
        );
      });
    });
  }

  it('of a device takes no slot either, and only loads and stores of it are refused', () => {
    for (const highmem of [true, false]) {
      const machine = createMachine({ highmem, onViolation: 'record' });
      const task = machine.task('driver');
      const [page] = machine.ioRegion(1);
      const maps = [runAlone(task, kmap(task, page!)), kmapLocalPage(task, page!), kmapAtomic(task, page!)];
      expect([task.localMaps.idx, machine.pkmap.slotsInUse]).to.deep.equal([0, 0]);
      for (const mapped of maps) mapped.load8(0);
      expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(maps.map(() => 'iomem-plain-access'));
    }
  });

  it('is found by the explorer in the order of events where a driver meets it', () => {
    const outcome = explore<{ pages: { now: Page } }>({
      machine: { unmappablePages: 1 },
      setup: (machine) => ({ pages: { now: machine.allocPage({ zone: 'lowmem' }) } }),
      tasks: {
        *owner({ machine, pages }) {
          yield;
          pages.now = machine.allocPage({ zone: 'unmappable' });
        },
        *driver({ task, pages }) {
          yield;
          const mapped = kmapLocalPage(task, pages.now);
          mapped.load8(0);
          kunmapLocal(task, mapped);
        },
      },
    });
    expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('no-linear-address');
  });

  it('costs a direct machine no check of other pages: its windows stay plain', () => {
    const machine = createMachine({ mode: 'direct', unmappablePages: 1 });
    const task = machine.task('driver');
    const [page] = machine.allocPages(1, { zone: 'unmappable' });
    kmapLocalPage(task, page!)[Symbol.dispose]();
    const mapped = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    expect(mapped.plainBytes).to.equal(4096);
  });
});
