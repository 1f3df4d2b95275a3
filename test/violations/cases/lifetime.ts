import { kmapLocal } from 'scatterlist/backends';
import {
  BouncePool,
  dmaMapPage,
  DmaDevice,
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kmapToPage,
  kunmap,
  kunmapAtomic,
  kunmapHigh,
  kunmapLocal,
  runAlone,
  vmap,
  vunmap,
} from 'scatterlist/machine';
import { SgArray, sgCopyToBuffer, sgInitMarker, virtAddr } from 'scatterlist';
import type { Page, VirtAddr } from 'scatterlist';
import type { Case } from '../case.ts';

/** Mappings used, released and forgotten at the wrong time or in the wrong way. */
export const LIFETIME: readonly Case[] = [
  {
    rule: 'use-after-unmap',
    name: 'an accessor',
    severity: 'bug',
    what: /load of 4 bytes at offset 8 of a released mapping/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      kunmapLocal(task, m);
      mark();
      m.load32(8);
    },
  },
  {
    rule: 'use-after-unmap',
    name: 'the bytes getter',
    severity: 'bug',
    what: /bytes of a released mapping were asked for/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
      kunmapLocal(task, m);
      mark();
      return m.bytes;
    },
  },
  {
    rule: 'use-after-unmap',
    name: 'a kept array, found at the next operation',
    what: /byte 5 of an array kept from a released mapping was written \(to 77\)/,
    goesOn: 1,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      const m = kmapLocalPage(task, page);
      const kept = m.bytes;
      kunmapLocal(task, m);
      kept[5] = 77;
      mark();
      const next = kmapLocalPage(task, page);
      kunmapLocal(task, next);
      return machine.violations.length;
    },
  },
  {
    rule: 'double-unmap',
    name: 'a local map',
    severity: 'bug',
    what: /kunmap_local of a mapping that was released before/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      kunmapLocal(task, m);
      mark();
      kunmapLocal(task, m);
    },
  },
  {
    rule: 'double-unmap',
    name: 'a contiguous map',
    severity: 'bug',
    what: /vunmap of a mapping that was released before/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = vmap(task, machine.allocPages(2, { zone: 'highmem' }));
      if (!m.ok) return;
      vunmap(task, m.value);
      mark();
      vunmap(task, m.value);
    },
  },
  ...(['highmem', 'lowmem'] as const).map((zone): Case => ({
    rule: 'unmap-order',
    name: `two ${zone} pages, the older first`,
    what: /was released before the newer map of pfn/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const [a, b] = machine.allocPages(2, { zone }).map((page) => kmapLocalPage(task, page));
      mark();
      kunmapLocal(task, a!);
      kunmapLocal(task, b!);
      return task.localMaps.idx;
    },
  })),
  {
    rule: 'unmap-address',
    name: 'an address past the page',
    what: /no live local map of this context covers the address/,
    goesOn: 1,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      mark();
      kunmapLocal(task, virtAddr(m.vaddr + machine.pageSize));
      return machine.liveMappings;
    },
  },
  {
    rule: 'unmap-address',
    name: 'an address inside the page, of an atomic map',
    what: /kunmap_atomic\(0x[0-9a-f]+\): the map returned 0x/,
    goesOn: [0, 0],
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapAtomic(task, machine.allocPage({ zone: 'highmem' }));
      mark();
      kunmapAtomic(task, virtAddr(m.vaddr + 64));
      return [machine.liveMappings, task.preemptCount];
    },
  },
  {
    rule: 'unmap-mismatch',
    name: 'an address given to kunmap, by a caller without types',
    severity: 'bug',
    what: /kunmap takes the mapping or its page, and was given an address/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = runAlone(task, kmap(task, machine.allocPage({ zone: 'highmem' })));
      mark();
      kunmap(task, m.vaddr as unknown as Page);
    },
  },
  {
    rule: 'unmap-mismatch',
    name: 'a page given to kunmap_local, by a caller without types',
    severity: 'bug',
    what: /kunmap_local takes the mapping or its address, and was given a page/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      kmapLocalPage(task, page);
      mark();
      kunmapLocal(task, page as unknown as VirtAddr);
    },
  },
  {
    rule: 'unmap-mismatch',
    name: 'kunmap_local of an atomic map leaves the section open',
    what: /kunmap_local of a mapping made by kmap_atomic/,
    goesOn: [1, 1, 0],
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapAtomic(task, machine.allocPage({ zone: 'highmem' }));
      mark();
      kunmapLocal(task, m);
      return [task.preemptCount, task.pagefaultDisabled, task.migrateDisabled];
    },
  },
  {
    rule: 'unmap-mismatch',
    name: 'kunmap_atomic of a local map lowers counts that nobody raised',
    what: /kunmap_atomic of a mapping made by kmap_local/,
    goesOn: [-1, -1, 0],
    run: (machine, mark) => {
      const task = machine.task('driver');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      mark();
      kunmapAtomic(task, m);
      return [task.preemptCount, task.pagefaultDisabled, task.migrateDisabled];
    },
  },
  {
    rule: 'kunmap-unmapped',
    name: 'kunmap of a page that never had a slot',
    severity: 'bug',
    what: /which has no slot in the pool/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      mark();
      kunmap(task, page);
    },
  },
  {
    rule: 'kunmap-underflow',
    name: 'kunmap of a page that keeps its slot but has no user',
    severity: 'bug',
    what: /in slot 1, which is free/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      kunmap(task, runAlone(task, kmap(task, page)));
      mark();
      kunmapHigh(task, page);
    },
  },
  {
    rule: 'slot-overflow',
    name: 'the sixteenth nested map',
    severity: 'bug',
    what: /needs index 16; KM_MAX_IDX is 16/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const pages = machine.allocPages(16, { zone: 'highmem' });
      for (const page of pages.slice(0, 15)) kmapLocalPage(task, page);
      mark();
      kmapLocalPage(task, pages[15]!);
    },
  },
  {
    rule: 'slot-underflow',
    name: 'kunmap_local by address with nothing mapped',
    severity: 'bug',
    machine: { mode: 'direct', callSites: true },
    what: /with no local map in use/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const address = machine.hardware.addresses.local(0);
      mark();
      kunmapLocal(task, address);
    },
  },
  {
    rule: 'leak',
    name: 'a task ends with a map',
    what: /task "driver" still holds 2 mappings at its end/,
    goesOn: true,
    run: (machine, mark) => {
      const task = machine.task('driver');
      for (const page of machine.allocPages(2, { zone: 'lowmem' })) kmapLocalPage(task, page);
      mark();
      task.exit();
      return task.exited;
    },
  },
  ...(['highmem', 'lowmem'] as const).map((zone): Case => ({
    rule: 'leak',
    name: `a handler ends with a map of a ${zone} page`,
    by: ['softirq', 'rx', 1],
    what: /softirq "rx" still holds 1 mapping at its end/,
    goesOn: 0,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone });
      const irq = machine.irqEnter('softirq', 'rx', 1);
      void kmapLocal(irq).map(page, 0, 10);
      mark();
      machine.irqExit(irq);
      return machine.hardware.cpu(1).softirqDepth;
    },
  })),
  {
    rule: 'leak',
    name: 'a session ends with a kmap',
    by: ['task', 'swapper/1', 1],
    what: /task "driver" still holds 1 mapping at a check/,
    goesOn: 1,
    run: (machine, mark) => {
      const task = machine.task('driver', { cpu: 1 });
      runAlone(task, kmap(task, machine.allocPage({ zone: 'highmem' })));
      machine.migrate(task, 0);
      mark();
      machine.checkLeaks();
      return machine.liveMappings;
    },
  },
  {
    rule: 'fork-with-maps',
    name: 'a task forks with a local map',
    what: /was copied with 1 local map indexes in use/,
    goesOn: 0,
    run: (machine, mark) => {
      const task = machine.task('driver');
      kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      mark();
      return machine.fork(task, 'child').localMaps.idx;
    },
  },
  {
    rule: 'to-page-of-kmap',
    name: 'kmap_to_page of an address of the pool',
    what: /kmap_to_page\(0x/,
    goesOn: true,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      const m = runAlone(task, kmap(task, page));
      mark();
      return kmapToPage(task, m.vaddr) === page;
    },
  },
  {
    rule: 'to-page-of-local',
    name: 'kmap_to_page of a local address',
    what: /kmap_to_page\(0x/,
    goesOn: true,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      const m = kmapLocalPage(task, page);
      mark();
      return kmapToPage(task, m.vaddr) === page;
    },
  },
  {
    rule: 'use-after-free',
    name: 'a load from a page that was freed before it was mapped',
    what: /a load of 1 bytes at offset 8 of pfn 0x1000, which was freed/,
    goesOn: 0xaa,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      machine.freePage(page);
      const m = kmapLocalPage(machine.task('driver'), page);
      mark();
      return m.load8(8);
    },
  },
  {
    rule: 'use-after-free',
    name: 'a store to a page that was never allocated',
    what: /a store of 4 bytes at offset 0 of pfn 0x1005, which was never allocated/,
    run: (machine, mark) => {
      const m = kmapLocalPage(machine.task('driver'), machine.hardware.memory.page(0x1005));
      mark();
      m.store32(0, 1);
    },
  },
  {
    rule: 'use-after-free',
    name: 'the bytes of a freed page',
    what: /a load of 4096 bytes at offset 0 of pfn 0x1000, which was freed/,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      machine.freePage(page);
      const m = kmapLocalPage(machine.task('driver'), page);
      mark();
      return m.bytes;
    },
  },
  {
    rule: 'use-after-free',
    name: 'a list that is longer than what was allocated for it',
    what: /a load of 100 bytes at offset 0 of pfn 0x1001, which was never allocated/,
    run: (machine, mark) => {
      const list = new SgArray(1);
      list.set(0, machine.allocPage({ zone: 'highmem' }), 4196, 0);
      sgInitMarker(list, 1);
      const backend = kmapLocal(machine.task('driver'));
      mark();
      return sgCopyToBuffer({ sgl: list.entry(0), origNents: 1 }, new Uint8Array(4196), backend);
    },
  },
  {
    rule: 'use-after-free',
    name: 'a device that is given a freed page',
    what: /dma_map for nic of pfn 0x1000, which was freed/,
    run: (machine, mark) => {
      const task = machine.task('driver');
      const page = machine.allocPage({ zone: 'highmem' });
      machine.freePage(page);
      const nic = new DmaDevice(machine, { name: 'nic' });
      mark();
      void dmaMapPage(task, nic, page, 0, 64, 'fromDevice');
    },
  },
  {
    rule: 'freed-under-dma',
    name: 'a page that a device may write',
    what: /pfn 0x1000 was freed while it is mapped for device: fromDevice, 64 bytes at bus address 0x1000000/,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      void dmaMapPage(machine.task('driver'), new DmaDevice(machine), page, 0, 64, 'fromDevice');
      mark();
      machine.freePage(page);
    },
  },
  {
    rule: 'freed-under-dma',
    name: 'a page whose bytes are in a bounce buffer',
    what: /pfn 0x1000 was freed while it is mapped for device: toDevice, 64 bytes/,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      const pool = new BouncePool(machine);
      const device = new DmaDevice(machine, { bounce: { pool, always: true } });
      void dmaMapPage(machine.task('driver'), device, page, 0, 64, 'toDevice');
      mark();
      machine.freePage(page);
    },
  },
  {
    rule: 'freed-under-dma',
    name: 'a page of the bounce pool that a device uses',
    what: /pfn 0x[0-9a-f]+ was freed while it is part of a bounce pool with 1 of \d+ slots in use/,
    run: (machine, mark) => {
      const page = machine.allocPage({ zone: 'highmem' });
      const pool = new BouncePool(machine);
      const device = new DmaDevice(machine, { bounce: { pool, always: true } });
      void dmaMapPage(machine.task('driver'), device, page, 0, 64, 'toDevice');
      const [first] = pool.pages;
      mark();
      if (first !== undefined) machine.freePage(first);
    },
  },
  {
    rule: 'double-free',
    name: 'a page that was never allocated',
    severity: 'bug',
    what: /pfn 0x1003 was never allocated/,
    run: (machine, mark) => {
      machine.enter(machine.task('driver'));
      mark();
      machine.freePage(machine.hardware.memory.page(0x1003));
    },
  },
  {
    rule: 'invalid-free',
    name: 'device memory',
    severity: 'bug',
    what: /is memory of the device bar0, which was never allocated/,
    run: (machine, mark) => {
      machine.enter(machine.task('driver'));
      const [page] = machine.ioRegion(1, { name: 'bar0' });
      mark();
      machine.freePage(page!);
    },
  },
  {
    rule: 'invalid-free',
    name: 'a tail page of a folio',
    severity: 'bug',
    what: /pfn 0x1002 is page 2 of a folio of 4, whose head is pfn 0x1000/,
    run: (machine, mark) => {
      machine.enter(machine.task('driver'));
      const pages = machine.allocPages(4, { zone: 'highmem' });
      machine.folios.compound(pages[0]!, 4);
      mark();
      machine.freePage(pages[2]!);
    },
  },
];
