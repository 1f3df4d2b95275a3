import { sgAllocTableFromPages, sgMap, SgArray, SgMiter } from 'scatterlist';
import type { SgEntry } from 'scatterlist';
import { ioAccess, kmapAtomic, kmapLocal } from 'scatterlist/backends';
import {
  AddressSpace,
  UserSpace,
  copyToUser,
  kmap,
  kmapLocalPage,
  kunmap,
  kunmapLocal,
  localIrqDisable,
  memcpyFromPage,
  pagefaultEnable,
  pageAddress,
  pageAddressOf,
  pageToVirt,
  runAlone,
  virtToPhys,
  vmap,
  vunmap,
} from 'scatterlist/machine';
import type { Machine } from 'scatterlist/machine';
import { LocalSlots } from '../../../lib/kernel/parts/local-slots.ts';
import type { Hardware } from '../../../lib/machine/hardware.ts';
import type { Case } from '../case.ts';

/** Hardware whose local flush was forgotten by the author of the slots. */
const withoutFlush = (hardware: Hardware): Hardware =>
  Object.create(hardware, { flushPageLocal: { value: () => undefined } }) as Hardware;

function entry(machine: Machine, lengthBytes: number): SgEntry<'highmem'> {
  const pages = machine.allocPages(1, { zone: 'highmem' });
  const table = sgAllocTableFromPages(pages, { size: lengthBytes });
  if (!table.ok || table.value.sgl === null) throw new Error('no table');
  return table.value.sgl;
}

/** Bytes reached that should not be, or not like that. */
export const MEMORY: readonly Case[] = [
  {
    rule: 'page-overrun',
    name: 'a load across the end of the window',
    severity: 'bug',
    what: /load of 4 bytes at offset 98 of a mapping of 100 bytes/,
    run: (machine, mark) => {
      const m = sgMap(entry(machine, 100), 0, kmapLocal(machine.task('driver'))).value;
      mark();
      m.load32(98);
    },
  },
  {
    rule: 'page-overrun',
    name: 'eight bytes across the end write nothing',
    severity: 'bug',
    what: /store of 8 bytes at offset 4092 of a mapping of 4096 bytes/,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      const m = kmapLocalPage(machine.task('driver'), page);
      mark();
      m.store64(4092, -1n);
    },
  },
  {
    rule: 'uninitialised-read',
    name: 'a load behind what was written to a new page',
    machine: { trackUninitialised: true },
    what: /a load of 4 bytes reached offset 10 of pfn 0x1000, which was not written/,
    goesOn: 7,
    run: (machine, mark) => {
      const m = kmapLocalPage(machine.task('driver'), machine.allocPage({ zone: 'highmem' }));
      m.fill(7, 0, 10);
      m.load32(4);
      mark();
      return m.load32(9);
    },
  },
  {
    rule: 'uninitialised-read',
    name: 'a page that was freed and allocated again',
    machine: { trackUninitialised: true, highmemPages: 1 },
    what: /reached offset 0 of pfn/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const old = machine.allocPage({ zone: 'highmem' });
      machine.physical(old).fill(7);
      memcpyFromPage(task, new Uint8Array(16), old, 0);
      machine.freePage(old);
      const page = machine.allocPage({ zone: 'highmem' });
      mark();
      memcpyFromPage(task, new Uint8Array(16), page, 0);
    },
  },
  {
    rule: 'iomem-plain-access',
    name: 'a load from device memory through kmap_local',
    what: /a plain load or store reached device memory bar0/,
    goesOn: 0,
    run: (machine, mark) => {
      const [page] = machine.ioRegion(1, { name: 'bar0' });
      const m = kmapLocalPage(machine.task('driver'), page!);
      mark();
      return m.load8(0);
    },
  },
  {
    rule: 'iomem-plain-access',
    name: 'memcpy over device memory',
    what: /a plain load or store reached device memory bar0/,
    run: (machine, mark) => {
      const [page] = machine.ioRegion(1, { name: 'bar0' });
      const m = kmapLocalPage(machine.task('driver'), page!);
      mark();
      m.copyFrom(new Uint8Array(64));
    },
  },
  {
    rule: 'io-width',
    name: 'a byte of a register that answers four',
    what: /1-byte access at offset 0x10 of uart, which takes accesses of 4 bytes/,
    goesOn: 0xa5,
    run: (machine, mark) => {
      const [page] = machine.ioRegion(1, {
        name: 'uart',
        widths: [4],
        handlers: { read: () => 0xa5n, write: () => undefined },
      });
      const mapped = ioAccess(machine.task('driver')).map(page!, 16, 4);
      mark();
      return mapped.ok ? mapped.value.load8(0) : undefined;
    },
  },
  {
    rule: 'io-width',
    name: 'a word that is not aligned',
    what: /4-byte access at offset 0x2 of bar0/,
    run: (machine, mark) => {
      const [page] = machine.ioRegion(1, { name: 'bar0' });
      const mapped = ioAccess(machine.task('driver')).map(page!, 0, 64);
      if (!mapped.ok) return;
      mark();
      mapped.value.store32(2, 1);
    },
  },
  {
    rule: 'protected-access',
    name: 'a protected page at its permanent address',
    severity: 'bug',
    machine: { protectedPages: 1 },
    what: /pfn 0x1000 was touched while "driver" holds no grant of its key/,
    run: (machine, mark) => {
      const m = pageAddress(machine.task('driver'), machine.allocPage({ zone: 'protected' }));
      mark();
      m?.load8(0);
    },
  },
  {
    rule: 'stale-tlb',
    name: 'slots whose author forgot the flush show the page before',
    parts: { localSlots: (hardware) => new LocalSlots(withoutFlush(hardware)) },
    what: /cpu0 translates 0xfffff000 to pfn 0x1000; the page table says pfn 0x1001/,
    goesOn: 11,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const [first, second] = machine.allocPages(2, { zone: 'highmem' });
      const old = kmapLocalPage(task, first!);
      old.store8(0, 11);
      kunmapLocal(task, old);
      const m = kmapLocalPage(task, second!);
      mark();
      return m.load8(0);
    },
  },
  {
    rule: 'slot-taken',
    name: 'a local slot that was given to another page under a live mapping',
    what: /0xfffff000 maps pfn 0x1001 now, not pfn 0x1000/,
    goesOn: 22,
    run: (machine, mark) => {
      const [first, second] = machine.allocPages(2, { zone: 'highmem' });
      const m = kmapLocalPage(machine.task('driver'), first!);
      machine.physical(second!)[0] = 22;
      machine.hardware.pageTable.local.set(m.slot, second!.pfn);
      mark();
      return m.load8(0);
    },
  },
  {
    rule: 'slot-taken',
    name: 'a slot that was given away and not flushed: the bytes are still those of the mapping',
    what: /0xfffff000 maps pfn 0x1001 now, not pfn 0x1000/,
    goesOn: 11,
    run: (machine, mark) => {
      const [first, second] = machine.allocPages(2, { zone: 'highmem' });
      const m = kmapLocalPage(machine.task('driver'), first!);
      m.store8(0, 11);
      machine.hardware.pageTable.local.set(m.slot, second!.pfn);
      mark();
      return m.load8(0);
    },
  },
  {
    rule: 'slot-taken',
    name: 'a pool slot that was recycled while it is in use',
    machine: { pkmapSlots: 1 },
    what: /maps pfn 0x1001 now, not pfn 0x1000/,
    goesOn: 0,
    run: (machine, mark) => {
      const [first, second] = machine.allocPages(2, { zone: 'highmem' });
      const task = machine.task('driver');
      const m = runAlone(task, kmap(task, first!));
      machine.pkmap.counts[0] = 1;
      runAlone(task, kmap(task, second!));
      mark();
      return m.load8(0);
    },
  },
  {
    rule: 'left-over-translation',
    name: 'a page that is freed while an entry which no mapping uses leads to it',
    what: /pfn 0x1000 was freed, and the page table still maps it at 0xfffff000 \(local page 0\)/,
    goesOn: 16384,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      const task = machine.task('driver');
      const m = kmapLocalPage(task, page);
      kunmapLocal(task, m);
      machine.hardware.pageTable.local.set(m.slot, page.pfn);
      mark();
      machine.freePage(page);
      return machine.hardware.memory.freePages('highmem');
    },
  },
  {
    rule: 'left-over-translation',
    name: 'a page that is freed while the TLB of a CPU, whose flush was forgotten, leads to it',
    parts: { localSlots: (hardware) => new LocalSlots(withoutFlush(hardware)) },
    what: /pfn 0x1000 was freed, and the TLB of cpu0 still translates 0xfffff000 to it/,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      const task = machine.task('driver');
      const m = kmapLocalPage(task, page);
      m.store8(0, 1);
      kunmapLocal(task, m);
      mark();
      machine.freePage(page);
    },
  },
  {
    rule: 'left-over-translation',
    name: 'a page that is freed while an entry of the vmalloc area leads to it',
    what: /the page table still maps it at 0x[0-9a-f]+ \(vmalloc page 1\)/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const pages = machine.allocPages(2, { zone: 'highmem' });
      const mapped = vmap(task, pages);
      if (!mapped.ok) return;
      vunmap(task, mapped.value);
      machine.hardware.pageTable.vmalloc.set(mapped.value.slot + 1, pages[1]!.pfn);
      mark();
      machine.freePage(pages[1]!);
    },
  },
  {
    rule: 'discarded-line',
    name: 'a store whose line was dropped before it was written back',
    machine: { dcacheColours: 1 },
    what: /a load of 1 bytes at 0xfffff005 .* reads memory that lacks stored bytes/,
    goesOn: 0,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      const m = kmapLocalPage(machine.task('driver'), page);
      m.store8(5, 7);
      machine.hardware.dataCache?.invalidate(page, 0, 0, 32);
      mark();
      return m.load8(5);
    },
  },
  {
    rule: 'wild-access',
    name: 'a page whose entry was taken away',
    severity: 'bug',
    what: /no page is mapped at 0x/,
    run: (machine, mark) => {
      const mapped = vmap(machine.task('driver'), machine.allocPages(2, { zone: 'highmem' }));
      if (!mapped.ok) return;
      machine.hardware.pageTable.vmalloc.clear(mapped.value.slot + 1);
      mark();
      mapped.value.load8(machine.pageSize);
    },
  },
  {
    rule: 'freed-while-mapped',
    name: 'a page under a local map',
    what: /pfn 0x1000 was freed while a mapping of it is live/,
    goesOn: 16384,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      kmapLocalPage(machine.task('driver'), page);
      mark();
      machine.freePage(page);
      return machine.hardware.memory.freePages('highmem');
    },
  },
  {
    rule: 'freed-while-mapped',
    name: 'the second page under a contiguous map',
    what: /was freed while a mapping of it is live/,
    run: (machine, mark) => {
      const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
      void vmap(machine.task('driver'), pages);
      mark();
      machine.freePage(pages[2]!);
    },
  },
  {
    rule: 'double-free',
    name: 'a page given back twice',
    severity: 'bug',
    by: ['task', 'swapper/0', 0],
    what: /pfn 0x1000 is free already/,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      machine.freePage(page);
      mark();
      machine.freePage(page);
    },
  },
  {
    rule: 'sg-range',
    name: 'an offset at the end of the entry',
    severity: 'bug',
    what: /sgMap at offset 100 of an entry of 100 bytes/,
    run: (machine, mark) => {
      const sg = entry(machine, 100);
      const backend = kmapLocal(machine.task('driver'));
      mark();
      sgMap(sg, 100, backend);
    },
  },
  {
    rule: 'sg-empty-entry',
    name: 'an entry that has no page yet',
    severity: 'bug',
    what: /sgMap of an entry that has no page/,
    run: (machine, mark) => {
      const sg = new SgArray<'highmem'>(1).entry(0);
      const backend = kmapLocal(machine.task('driver'));
      mark();
      sgMap(sg, 0, backend);
    },
  },
  {
    rule: 'miter-over-consumed',
    name: 'more consumed than the chunk has',
    what: /consumed is 101 of a chunk of 100 bytes/,
    run: (machine, mark) => {
      const it = new SgMiter(entry(machine, 100), kmapLocal(machine.task('driver')), 'fromSg');
      it.next();
      it.consumed = 101;
      mark();
      it.stop();
    },
  },
  {
    rule: 'miter-no-direction',
    name: 'started without a direction',
    what: /neither toSg nor fromSg/,
    run: (machine, mark) => {
      const sg = entry(machine, 100);
      const backend = kmapLocal(machine.task('driver'));
      mark();
      new SgMiter(sg, backend, 'none');
    },
  },
  {
    rule: 'miter-negative-skip',
    name: 'skipped backwards',
    severity: 'bug',
    what: /skip of -1 bytes/,
    run: (machine, mark) => {
      const it = new SgMiter(entry(machine, 100), kmapLocal(machine.task('driver')), 'fromSg');
      mark();
      it.skip(-1);
    },
  },
  {
    rule: 'miter-atomic-faults',
    name: 'page faults enabled inside an atomic chunk',
    what: /is dropped while page faults are enabled/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const it = new SgMiter(entry(machine, 100), kmapAtomic(task), 'fromSg');
      it.next();
      pagefaultEnable(task);
      mark();
      it.stop();
    },
  },
  {
    rule: 'null-pointer',
    name: 'a load from page_address of a highmem page',
    severity: 'bug',
    what: /a load of 1 bytes at 0x8: an address in the first page/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const address = pageAddressOf(task, machine.allocPage({ zone: 'highmem' })) + 8;
      mark();
      new AddressSpace(task).load8(address);
    },
  },
  {
    rule: 'no-linear-address',
    name: 'a store to page_to_virt of a highmem page',
    severity: 'bug',
    what: /a store of 4 bytes at 0xc1000000: phys_to_virt of pfn 0x1000, a page of highmem memory/,
    run: (machine, mark) => {
      const address = pageToVirt(machine, machine.allocPage({ zone: 'highmem' }));
      const memory = new AddressSpace(machine.task('driver'));
      mark();
      memory.store32(address, 1);
    },
  },
  {
    rule: 'no-linear-address',
    name: 'a load through kmap_local_page of a page that was removed from the linear map',
    severity: 'bug',
    machine: { unmappablePages: 1 },
    what: /a load at 0xc1000000, the linear address of pfn 0x1000, which was removed from the linear map/,
    run: (machine, mark) => {
      const m = kmapLocalPage(machine.task('driver'), machine.allocPage({ zone: 'unmappable' }));
      mark();
      m.load8(0);
    },
  },
  {
    rule: 'unmapped-slot',
    name: 'a pointer that outlived its kunmap_local',
    severity: 'bug',
    what: /a load of 1 bytes at 0xfffff000: local slot 0 maps no page/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const mapped = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      kunmapLocal(task, mapped);
      mark();
      new AddressSpace(task).load8(mapped.vaddr);
    },
  },
  {
    rule: 'use-after-unmap',
    name: 'a pointer to a pool slot that has no user and was not flushed yet',
    what: /slot of the kmap pool 1 still maps pfn 0x1000, and its mapping was released/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      const { vaddr } = runAlone(task, kmap(task, page));
      kunmap(task, page);
      mark();
      return new AddressSpace(task).load8(vaddr);
    },
  },
  {
    rule: 'user-pointer',
    name: 'a load from a pointer of a user',
    severity: 'bug',
    what: /a load of 4 bytes at 0x8000: an address of a user/,
    run: (machine, mark) => {
      const user = new UserSpace(machine);
      user.map(0x8000, machine.allocPage({ zone: 'highmem' }));
      const memory = new AddressSpace(machine.task('driver'));
      mark();
      memory.load32(0x8000);
    },
  },
  {
    rule: 'sleep-in-atomic',
    name: 'copy_to_user with interrupts disabled',
    what: /copy_to_user while interrupts are disabled/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const user = new UserSpace(machine);
      user.map(0x8000, machine.allocPage({ zone: 'highmem' }));
      localIrqDisable(task);
      mark();
      const left = copyToUser(task, user, 0x8000, new Uint8Array(4)).next().value;
      return left;
    },
  },
  {
    rule: 'not-linear',
    name: 'virt_to_phys of a local map',
    what: /virt_to_phys\(0xfffff000\), and the linear map is 0xc0000000 to 0xc1000000/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const { vaddr } = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      mark();
      virtToPhys(task, vaddr);
    },
  },
];
