/**
 * linux/dma-mapping.h. A `struct device` in C stands for a device of this library.
 */
import { dmaAddr, virtAddr } from '../../../base/units.ts';
import type { DmaAddr } from '../../../base/units.ts';
import type { Result } from '../../../base/result.ts';
import type { Machine } from '../../../kernel/core/machine.ts';
import { dmaAllocCoherent, dmaFreeCoherent } from '../../../kernel/dma/dma-coherent.ts';
import type { DmaAttrs } from '../../../kernel/dma/dma-call.ts';
import { DmaDevice } from '../../../kernel/dma/dma-device.ts';
import {
  dmaMapPage,
  dmaMapSingle,
  dmaMaxMappingSize,
  dmaSetMask,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  dmaUnmapSingle,
} from '../../../kernel/dma/dma-map.ts';
import type { DmaDirection } from '../../../kernel/parts/dma-mapping.ts';
import { origNents } from '../../../scatterlist/list/sg-table.ts';
import {
  dmaMapSg,
  dmaSyncSgForCpu,
  dmaSyncSgForDevice,
  dmaUnmapSg,
} from '../../../scatterlist/map/dma-map-sg.ts';
import {
  dmaMapSgtable,
  dmaSyncSgtableForCpu,
  dmaSyncSgtableForDevice,
  dmaUnmapSgtable,
} from '../../../scatterlist/map/dma-map-sgtable.ts';
import { readBytes, writeBytes, writeWord } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { worldOf } from '../../runtime/world.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { readTable, writeTable } from '../lists/list-options.ts';
import { ListView } from '../lists/list-view.ts';
import { pageOf } from '../memory/page-pointer.ts';

/** `DMA_MAPPING_ERROR`. */
const NO_ADDRESS = 0xffff_ffff;
const [EIO, ENOMEM] = [-5, -12];
/** `enum dma_data_direction`; the last is no direction of a mapping. */
const DIRECTIONS: readonly DmaDirection[] = ['bidirectional', 'toDevice', 'fromDevice'];

function deviceAt({ context }: Runner, address: number): DmaDevice {
  const { machine } = context;
  return worldOf(machine).object(address, DmaDevice, (name) => new DmaDevice(machine, { name }));
}

function directionOf({ context }: Runner, direction: number): DmaDirection {
  const found = DIRECTIONS[direction];
  if (found !== undefined) return found;
  const what = `${String(direction)} is no direction of a DMA mapping`;
  context.machine.hardware.violate({
    rule: 'dma-direction',
    severity: 'bug',
    what,
    context: context.state(),
  });
  throw new RangeError(what);
}

/** `DMA_ATTR_SKIP_CPU_SYNC`. */
const SKIP_CPU_SYNC = 0x20;

function of(attrs: number): DmaAttrs {
  return { skipCpuSync: (attrs & SKIP_CPU_SYNC) !== 0 };
}

/** Results that C has not asked about yet, by address. To ask is to read `ok`. */
const answers = new WeakMap<Machine, Map<number, Result<DmaAddr, unknown>>>();

function answersOf({ context }: Runner): Map<number, Result<DmaAddr, unknown>> {
  const known = answers.get(context.machine);
  if (known !== undefined) return known;
  const made = new Map<number, Result<DmaAddr, unknown>>();
  answers.set(context.machine, made);
  return made;
}

/** The address that C is given; whether it is one is asked by `dma_mapping_error`. */
function answer(c: Runner, mapped: Result<DmaAddr, unknown>): number {
  if (!('value' in mapped)) return NO_ADDRESS;
  answersOf(c).set(mapped.value, mapped);
  return mapped.value;
}

/** Functions on memory that a device uses. */
export const DMA: KernelFunctions = {
  dma_map_page_attrs: (c, device, page, offset, length, direction = 0, attrs = 0) => {
    const { context } = c;
    const to = deviceAt(c, device);
    const mapped = dmaMapPage(
      context,
      to,
      pageOf(c, page),
      offset,
      length,
      directionOf(c, direction),
      of(attrs),
    );
    return answer(c, mapped);
  },
  dma_unmap_page_attrs: (c, device, address, length, direction, attrs = 0) => {
    const from = deviceAt(c, device);
    dmaUnmapPage(c.context, from, dmaAddr(address), length, directionOf(c, direction), of(attrs));
  },
  dma_map_single_attrs: (c, device, address, length, direction, attrs = 0) => {
    const to = deviceAt(c, device);
    const mapped = dmaMapSingle(
      c.context,
      to,
      virtAddr(address),
      length,
      directionOf(c, direction),
      of(attrs),
    );
    return answer(c, mapped);
  },
  dma_unmap_single_attrs: (c, device, address, length, direction, attrs = 0) => {
    const from = deviceAt(c, device);
    dmaUnmapSingle(c.context, from, dmaAddr(address), length, directionOf(c, direction), of(attrs));
  },
  dma_mapping_error: (c, _device, address) => {
    const asked = answersOf(c).get(address);
    return address === NO_ADDRESS || asked?.ok === false ? ENOMEM : 0;
  },
  dma_sync_single_for_cpu: (c, device, address, length, direction) => {
    dmaSyncSingleForCpu(c.context, deviceAt(c, device), dmaAddr(address), length, directionOf(c, direction));
  },
  dma_sync_single_for_device: (c, device, address, length, direction) => {
    const to = deviceAt(c, device);
    dmaSyncSingleForDevice(c.context, to, dmaAddr(address), length, directionOf(c, direction));
  },
  dma_map_sg_attrs: (c, device, sgl, entries, direction, attrs = 0) => {
    const view = new ListView();
    const list = view.entryAt(c, sgl, { entries });
    const to = deviceAt(c, device);
    const mapped = dmaMapSg(c.context, to, list, origNents(entries), directionOf(c, direction), of(attrs));
    view.write(c);
    return mapped.ok ? mapped.value : 0;
  },
  dma_unmap_sg_attrs: (c, device, sgl, entries, direction, attrs = 0) => {
    const view = new ListView();
    const list = view.entryAt(c, sgl, { entries, dma: true });
    const from = deviceAt(c, device);
    dmaUnmapSg(c.context, from, list, origNents(entries), directionOf(c, direction), of(attrs));
    view.write(c);
  },
  dma_sync_sg_for_cpu: (c, device, sgl, entries, direction) => {
    const list = new ListView().entryAt(c, sgl, { entries, dma: true });
    dmaSyncSgForCpu(c.context, deviceAt(c, device), list, origNents(entries), directionOf(c, direction));
  },
  dma_sync_sg_for_device: (c, device, sgl, entries, direction) => {
    const list = new ListView().entryAt(c, sgl, { entries, dma: true });
    dmaSyncSgForDevice(c.context, deviceAt(c, device), list, origNents(entries), directionOf(c, direction));
  },
  dma_map_sgtable: (c, device, address, direction, attrs) => {
    const view = new ListView();
    const table = readTable(c, view, address);
    const mapped = dmaMapSgtable(c.context, deviceAt(c, device), table, directionOf(c, direction), of(attrs));
    writeTable(c, view, address, table);
    return mapped.ok ? 0 : EIO;
  },
  dma_unmap_sgtable: (c, device, address, direction, attrs) => {
    const view = new ListView();
    const table = readTable(c, view, address, undefined, true);
    dmaUnmapSgtable(c.context, deviceAt(c, device), table, directionOf(c, direction), of(attrs));
    writeTable(c, view, address, table);
  },
  dma_sync_sgtable_for_cpu: (c, device, address, direction) => {
    const table = readTable(c, new ListView(), address, undefined, true);
    dmaSyncSgtableForCpu(c.context, deviceAt(c, device), table, directionOf(c, direction));
  },
  dma_sync_sgtable_for_device: (c, device, address, direction) => {
    const table = readTable(c, new ListView(), address, undefined, true);
    dmaSyncSgtableForDevice(c.context, deviceAt(c, device), table, directionOf(c, direction));
  },
  dma_alloc_coherent: (c, device, size, handle) => {
    const made = dmaAllocCoherent(c.context, deviceAt(c, device), size);
    if (!made.ok) return 0;
    writeWord(c, handle, made.value.handle);
    return made.value.cpuAddress;
  },
  dma_free_coherent: (c, device, size, address, handle) => {
    dmaFreeCoherent(c.context, deviceAt(c, device), size, virtAddr(address), dmaAddr(handle));
  },
  dma_set_mask: (c, device, mask) => (dmaSetMask(deviceAt(c, device), mask).ok ? 0 : EIO),
  dma_max_mapping_size: (c, device) => Math.min(dmaMaxMappingSize(deviceAt(c, device)), NO_ADDRESS),
  __scatterlist_device_read: (c, device, address, to, length) => {
    writeBytes(c, to, deviceAt(c, device).read(address, length));
  },
  __scatterlist_device_write: (c, device, address, from, length) => {
    deviceAt(c, device).write(address, readBytes(c, from, length));
  },
};
