import {
  dmaMapSg,
  dmaSyncSgForCpu,
  dmaUnmapSg,
  origNents,
  sgAllocTable,
  sgSetPage,
  virtAddr,
} from 'scatterlist';
import type { DmaAddr, MemoryKind, Page, SgTable } from 'scatterlist';
import {
  DmaDevice,
  dmaAllocCoherent,
  dmaFreeCoherent,
  dmaMapPage,
  dmaMapSingle,
  dmaSyncSingleForCpu,
  dmaUnmapPage,
  dmaUnmapSingle,
  kmapLocalPage,
  pageAddress,
  vmap,
} from 'scatterlist/machine';
import type { CoherentMemory, DmaDeviceOptions, DmaDirection, Machine, Task } from 'scatterlist/machine';
import type { Case } from '../case.ts';

interface Driver {
  readonly task: Task;
  readonly device: DmaDevice;
  readonly page: Page<'lowmem'>;
  readonly map: (offset: number, length: number, direction: DmaDirection) => DmaAddr;
  readonly coherent: (size: number) => CoherentMemory;
}

function driver(machine: Machine, options: DmaDeviceOptions = {}): Driver {
  const task = machine.task('driver');
  const device = new DmaDevice(machine, { name: 'nic', ...options });
  const [, page] = machine.allocPages(4, { zone: 'lowmem' });
  if (page === undefined) throw new Error('no page');
  const map = (offset: number, length: number, direction: DmaDirection): DmaAddr => {
    const mapped = dmaMapPage(task, device, page, offset, length, direction);
    if (!mapped.ok) throw new Error(mapped.error.code);
    return mapped.value;
  };
  const coherent = (size: number): CoherentMemory => {
    const made = dmaAllocCoherent(task, device, size);
    if (!made.ok) throw new Error(made.error.code);
    return made.value;
  };
  return { task, device, page, map, coherent };
}

function tableOf(page: Page, lengths: readonly number[]): SgTable {
  const made = sgAllocTable<MemoryKind>(lengths.length);
  if (!made.ok) throw new Error(made.error.code);
  let offset = 0;
  for (const [i, sg] of [...made.value].entries()) {
    sgSetPage(sg, page, lengths[i] ?? 0, offset);
    offset += lengths[i] ?? 0;
  }
  return made.value;
}

/** A device's memory mapped, synced, ended or used otherwise than the DMA API has it. */
export const DMA: readonly Case[] = [
  ...([0, -1, 1.5, NaN, 2 ** 31, 2 ** 32, 2 ** 53] as const).map((length): Case => ({
    rule: 'dma-range',
    name: `a map of ${String(length)} bytes`,
    what: new RegExp(`dma_map of ${String(length)} bytes at offset 0 of pfn 0x1; the length must be`),
    goesOn: 'InvalidArgument',
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      mark();
      const mapped = dmaMapPage(task, device, page, 0, length, 'toDevice');
      return mapped.ok ? 'ok' : mapped.error.code;
    },
  })),
  ...([-1, 0.5, NaN, 2 ** 53] as const).map((offset): Case => ({
    rule: 'dma-range',
    name: `a map at offset ${String(offset)}`,
    what: /dma_map of 8 bytes at offset .* of pfn 0x1; the (offset|length) must be/,
    goesOn: 'InvalidArgument',
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      mark();
      const mapped = dmaMapPage(task, device, page, offset, 8, 'toDevice');
      return mapped.ok ? 'ok' : mapped.error.code;
    },
  })),
  {
    rule: 'dma-range',
    name: 'a list with an entry of no bytes',
    what: /dma_map of 0 bytes at offset 16 of pfn 0x1; the length must be a whole number of bytes from 1/,
    goesOn: 'InvalidArgument',
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      const table = tableOf(page, [16, 0, 16]);
      mark();
      const mapped = dmaMapSg(task, device, table.sgl, table.origNents, 'toDevice');
      return mapped.ok ? 'ok' : mapped.error.code;
    },
  },
  {
    rule: 'dma-range',
    name: 'a map past the end of memory',
    machine: { lowmemPages: 8, highmemPages: 0, bounceSlots: 1 },
    what: /dma_map of 28673 bytes at offset 0 of pfn 0x1; the length must be inside the memory/,
    goesOn: 'InvalidArgument',
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      mark();
      const mapped = dmaMapPage(task, device, page, 0, 7 * 4096 + 1, 'toDevice');
      return mapped.ok ? 'ok' : mapped.error.code;
    },
  },
  {
    rule: 'dma-direction',
    name: 'a map in no direction',
    severity: 'bug',
    what: /a direction is bidirectional, toDevice, fromDevice, not none/,
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      const none: unknown = 'none';
      mark();
      void dmaMapPage(task, device, page, 0, 8, none as DmaDirection);
    },
  },
  {
    rule: 'dma-segment',
    name: 'an entry longer than the device takes',
    what: /entry 1 of the list has 513 bytes; a segment of nic has at most 512/,
    goesOn: 2,
    run: (machine, mark) => {
      const { task, device, page } = driver(machine, { maxSegmentBytes: 512 });
      const table = tableOf(page, [512, 513]);
      mark();
      const mapped = dmaMapSg(task, device, table.sgl, table.origNents, 'toDevice');
      return mapped.ok ? Number(mapped.value) : mapped.error.code;
    },
  },
  ...([{}, { iommu: {} }] as const).map((options): Case => ({
    rule: 'dma-segment',
    name: `an entry across a boundary of the device${'iommu' in options ? ', behind an IOMMU' : ''}`,
    what: /a segment of 16 bytes at 0x\w+ff8 lies across a multiple of 0x1000, which nic cannot take/,
    goesOn: 'ok',
    run: (machine, mark) => {
      const { task, device, page } = driver(machine, { segmentBoundaryMask: 0xfff, ...options });
      const table = tableOf(page, [4088, 16]);
      mark();
      return dmaMapSg(task, device, table.sgl, table.origNents, 'toDevice').ok ? 'ok' : 'refused';
    },
  })),
  {
    rule: 'dma-overlap',
    name: 'two devices that write the same bytes',
    what: /dma_map fromDevice of 8 bytes at offset 4 of pfn 0x1 shares a cache line with what is mapped bidirectional for nic/,
    goesOn: 'ok',
    run: (machine, mark) => {
      const { task, map, page } = driver(machine);
      map(0, 8, 'bidirectional');
      const other = new DmaDevice(machine, { name: 'disk', iommu: {} });
      mark();
      return dmaMapPage(task, other, page, 4, 8, 'fromDevice').ok ? 'ok' : 'refused';
    },
  },
  {
    rule: 'dma-overlap',
    name: 'a cache line that two buffers share',
    what: /dma_map fromDevice of 32 bytes at offset 32 of pfn 0x1 shares a cache line/,
    run: (machine, mark) => {
      const { task, map, device, page } = driver(machine);
      map(0, 32, 'fromDevice');
      mark();
      void dmaMapPage(task, device, page, 32, 32, 'fromDevice');
    },
  },
  {
    rule: 'dma-overlap',
    name: 'a list that has the same bytes twice',
    what: /dma_map bidirectional of 64 bytes at offset 0 of pfn 0x1 shares a cache line/,
    goesOn: 'ok',
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      const table = tableOf(page, [64, 64]);
      for (const sg of table) sgSetPage(sg, page, 64, 0);
      mark();
      return dmaMapSg(task, device, table.sgl, table.origNents, 'bidirectional').ok ? 'ok' : 'refused';
    },
  },
  {
    rule: 'dma-area',
    name: 'dma_map_single of a kmap address',
    what: /dma_map_single of 8 bytes at 0xfffff000; the direct map is 0xc0000000 to 0xc1000000/,
    goesOn: 'InvalidArgument',
    run: (machine, mark) => {
      const { task, device } = driver(machine);
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      mark();
      const mapped = dmaMapSingle(task, device, m.vaddr, 8, 'toDevice');
      return mapped.ok ? 'ok' : mapped.error.code;
    },
  },
  {
    rule: 'dma-area',
    name: 'dma_map_single of a vmalloc address',
    what: /dma_map_single of 8 bytes at 0x\w+; the direct map is/,
    goesOn: 'InvalidArgument',
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      const m = vmap(task, [page]);
      if (!m.ok) throw new Error(m.error.code);
      mark();
      const mapped = dmaMapSingle(task, device, m.value.vaddr, 8, 'toDevice');
      return mapped.ok ? 'ok' : mapped.error.code;
    },
  },
  {
    rule: 'dma-unchecked',
    name: 'an unmap by a driver that did not look whether the map failed',
    what: /dma_unmap of 0x1000, of which the driver did not look whether the map failed/,
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      const mapped = dmaMapPage(task, device, page, 0, 8, 'toDevice') as { readonly value: DmaAddr };
      mark();
      dmaUnmapPage(task, device, mapped.value, 8, 'toDevice');
      return device.liveMappings;
    },
    goesOn: 0,
  },
  {
    rule: 'dma-mismatch',
    name: 'an unmap of another length',
    what: /dma_unmap of 7 bytes at 0x1000, mapped with 8/,
    goesOn: 0,
    run: (machine, mark) => {
      const { task, device, map } = driver(machine);
      const address = map(0, 8, 'toDevice');
      mark();
      dmaUnmapPage(task, device, address, 7, 'toDevice');
      return device.liveMappings;
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'an unmap in another direction',
    what: /dma_unmap fromDevice of 0x1000, mapped toDevice/,
    goesOn: 0,
    run: (machine, mark) => {
      const { task, device, map } = driver(machine);
      const address = map(0, 8, 'toDevice');
      mark();
      dmaUnmapPage(task, device, address, 8, 'fromDevice');
      return device.liveMappings;
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'a sync in another direction',
    what: /dma_sync_for_cpu fromDevice of 0x1000, mapped toDevice/,
    run: (machine, mark) => {
      const { task, device, map } = driver(machine);
      const address = map(0, 8, 'toDevice');
      mark();
      dmaSyncSingleForCpu(task, device, address, 8, 'fromDevice');
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'dma_unmap_single of what dma_map_page mapped',
    what: /dma_unmap_single of 0x1000, mapped by dma_map_page/,
    goesOn: 0,
    run: (machine, mark) => {
      const { task, device, map } = driver(machine);
      const address = map(0, 8, 'toDevice');
      mark();
      dmaUnmapSingle(task, device, address, 8, 'toDevice');
      return device.liveMappings;
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'dma_unmap_sg of what dma_map_single mapped',
    what: /dma_unmap_sg of 0x1000, mapped by dma_map_single/,
    goesOn: 0,
    run: (machine, mark) => {
      const { task, device, page } = driver(machine);
      const mapped = dmaMapSingle(task, device, pageAddress(task, page)!.vaddr, 8, 'toDevice');
      const table = tableOf(page, [8]);
      if (!mapped.ok || table.sgl === null) return mapped;
      void dmaMapSg(task, new DmaDevice(machine), table.sgl, table.origNents, 'toDevice');
      mark();
      dmaUnmapSg(task, device, table.sgl, table.origNents, 'toDevice');
      return device.liveMappings;
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'dma_unmap_sg with the number of segments',
    what: /dma_unmap_sg of a list of 1 entries at 0x100000000000, mapped with 2/,
    goesOn: 0,
    run: (machine, mark) => {
      const { task, device, page } = driver(machine, { iommu: {} });
      const table = tableOf(page, [4096, 4096]);
      const mapped = dmaMapSg(task, device, table.sgl, table.origNents, 'toDevice');
      if (!mapped.ok) throw new Error(mapped.error.code);
      mark();
      dmaUnmapSg(task, device, table.sgl, origNents(mapped.value), 'toDevice');
      return device.liveMappings;
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'dma_sync_sg with the number of segments',
    what: /dma_sync_for_cpu of a list of 1 entries at 0x100000000000, mapped with 2/,
    run: (machine, mark) => {
      const { task, device, page } = driver(machine, { iommu: {} });
      const table = tableOf(page, [4096, 4096]);
      const mapped = dmaMapSg(task, device, table.sgl, table.origNents, 'toDevice');
      if (!mapped.ok) throw new Error(mapped.error.code);
      mark();
      dmaSyncSgForCpu(task, device, table.sgl, origNents(mapped.value), 'toDevice');
    },
  },
  {
    rule: 'dma-not-mapped',
    name: 'a second unmap',
    what: /dma_unmap of 0x1000, which is not mapped for nic/,
    run: (machine, mark) => {
      const { task, device, map } = driver(machine);
      const address = map(0, 8, 'toDevice');
      dmaUnmapPage(task, device, address, 8, 'toDevice');
      mark();
      dmaUnmapPage(task, device, address, 8, 'toDevice');
    },
  },
  {
    rule: 'dma-not-mapped',
    name: 'an unmap for another device',
    what: /dma_unmap of 0x1000, which is not mapped for disk/,
    run: (machine, mark) => {
      const { task, map } = driver(machine);
      const address = map(0, 8, 'toDevice');
      const other = new DmaDevice(machine, { name: 'disk' });
      mark();
      dmaUnmapPage(task, other, address, 8, 'toDevice');
    },
  },
  {
    rule: 'dma-not-mapped',
    name: 'an unmap of what a failed map left',
    what: /dma_unmap of undefined \(no address\), which is not mapped for nic/,
    run: (machine, mark) => {
      const { task, device, page } = driver(machine, { mask: 0 });
      const mapped = dmaMapPage(task, device, page, 0, 8, 'toDevice') as { readonly value: DmaAddr };
      mark();
      dmaUnmapPage(task, device, mapped.value, 8, 'toDevice');
    },
  },
  {
    rule: 'dma-not-mapped',
    name: 'a sync over the end of the mapping',
    what: /dma_sync_for_cpu of 9 bytes at 0x1000, not all of them mapped for nic/,
    run: (machine, mark) => {
      const { task, device, map } = driver(machine);
      const address = map(0, 8, 'fromDevice');
      mark();
      dmaSyncSingleForCpu(task, device, address, 9, 'fromDevice');
    },
  },
  {
    rule: 'dma-range',
    name: 'coherent memory of no bytes',
    what: /dma_alloc_coherent of 0 bytes; the size must be a whole number from 1 to 4294967295/,
    goesOn: 'InvalidArgument',
    run: (machine, mark) => {
      const { task, device } = driver(machine);
      mark();
      const made = dmaAllocCoherent(task, device, 0);
      return made.ok ? 'ok' : made.error.code;
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'coherent memory freed with another size',
    what: /dma_free_coherent of 4096 bytes at 0x4000, mapped with 100/,
    run: (machine, mark) => {
      const { task, device, coherent } = driver(machine);
      const { cpuAddress, handle } = coherent(100);
      mark();
      dmaFreeCoherent(task, device, 4096, cpuAddress, handle);
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'coherent memory freed with the CPU address of other memory',
    what: /dma_free_coherent of 0x4000 with the CPU address 0xc0005000, allocated at 0xc0004000/,
    run: (machine, mark) => {
      const { task, device, coherent } = driver(machine);
      const [{ handle }, other] = [coherent(64), coherent(64)];
      mark();
      dmaFreeCoherent(task, device, 64, other.cpuAddress, handle);
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'coherent memory that is unmapped',
    what: /dma_unmap_page of 0x4000, mapped by dma_alloc_coherent/,
    run: (machine, mark) => {
      const { task, device, coherent } = driver(machine);
      const { handle } = coherent(64);
      mark();
      dmaUnmapPage(task, device, handle, 64, 'bidirectional');
    },
  },
  {
    rule: 'dma-mismatch',
    name: 'mapped memory that is freed as coherent memory',
    what: /dma_free_coherent of 0x1000, mapped by dma_map_page/,
    run: (machine, mark) => {
      const { task, device, page, map } = driver(machine);
      const handle = map(0, 64, 'bidirectional');
      mark();
      dmaFreeCoherent(task, device, 64, virtAddr(machine.hardware.addresses.direct(page.pfn)), handle);
    },
  },
  {
    rule: 'dma-not-mapped',
    name: 'coherent memory freed twice',
    what: /dma_free_coherent of 0x4000, which is not mapped for nic/,
    run: (machine, mark) => {
      const { task, device, coherent } = driver(machine);
      const { cpuAddress, handle } = coherent(64);
      dmaFreeCoherent(task, device, 64, cpuAddress, handle);
      mark();
      dmaFreeCoherent(task, device, 64, cpuAddress, handle);
    },
  },
  {
    rule: 'dma-cpu-access',
    name: 'a load of what was unmapped without a sync',
    what: /a load of 1 bytes at offset 3 of pfn 0x1, unmapped without a sync for the CPU at 0x1000/,
    run: (machine, mark) => {
      const { task, device, page, map } = driver(machine);
      const address = map(0, 8, 'fromDevice');
      dmaUnmapPage(task, device, address, 8, 'fromDevice', { skipCpuSync: true });
      const m = kmapLocalPage(task, page);
      mark();
      return m.load8(3);
    },
    goesOn: 0,
  },
];
