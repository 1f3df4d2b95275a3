/**
 * Mapping lists for a device: `dma_map_sgtable` and its relatives.
 */
import { done } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { DmaAttrs } from '../../kernel/dma/dma-call.ts';
import type { DmaDevice } from '../../kernel/dma/dma-device.ts';
import type { DmaMapError } from '../../kernel/dma/dma-reach.ts';
import type { DmaDirection } from '../../kernel/parts/dma-mapping.ts';
import type { Context } from '../../kernel/core/machine.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { dmaMapSg, dmaSyncSgForCpu, dmaSyncSgForDevice, dmaUnmapSg } from './dma-map-sg.ts';
import { isStrict } from '../list/sg-options.ts';
import { mappedNents } from '../list/sg-table.ts';
import type { SgTable } from '../list/sg-table.ts';

/**
 * Maps a table for a device: `nents` and the DMA fields of the first `nents` entries say what the device
 * sees, which may be fewer segments than entries. All of it is mapped, or no part of it.
 *
 * @linux dma_map_sgtable (7.2)
 * @context any; does not sleep
 * @errors as `dmaMapPage`, where Linux returns -ENOMEM, -EIO or, for NotSupported, -EREMOTEIO; InvalidArgument
 * (-EINVAL) for an empty table, and for one whose links lead back. An entry without a page, or past the end of memory,
 * is a violation
 * @example
 * ```ts
 * const mapped = dmaMapSgtable(task, device, table, 'fromDevice');
 * if (mapped.ok) for (const sg of forEachSgtableDmaSg(table)) start(sgDmaAddress(sg), sgDmaLen(sg));
 * ```
 */
export function dmaMapSgtable<K extends MemoryKind>(
  context: Context,
  device: DmaDevice,
  table: SgTable<K>,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): Result<undefined, DmaMapError> {
  const mapped = dmaMapSg(context, device, table.sgl, table.origNents, direction, attrs);
  if (!mapped.ok) return mapped;
  table.nents = mapped.value;
  return done;
}

/**
 * Ends the mapping of a table.
 *
 * @linux dma_unmap_sgtable (7.2)
 * @context any; does not sleep
 * @differs strict: `nents` is the count of entries again; Linux, and compatible mode, leave it
 */
export function dmaUnmapSgtable(
  context: Context,
  device: DmaDevice,
  table: SgTable,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): void {
  dmaUnmapSg(context, device, table.sgl, table.origNents, direction, attrs);
  const { semantics, machine = context.machine } = table.how;
  if (isStrict({ semantics, machine })) table.nents = mappedNents(table.origNents);
}

/**
 * Gives the memory of a mapped table to the CPU.
 *
 * @linux dma_sync_sgtable_for_cpu (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSgtableForCpu(
  context: Context,
  device: DmaDevice,
  table: SgTable,
  direction: DmaDirection,
): void {
  dmaSyncSgForCpu(context, device, table.sgl, table.origNents, direction);
}

/**
 * Gives the memory of a mapped table back to the device.
 *
 * @linux dma_sync_sgtable_for_device (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSgtableForDevice(
  context: Context,
  device: DmaDevice,
  table: SgTable,
  direction: DmaDirection,
): void {
  dmaSyncSgForDevice(context, device, table.sgl, table.origNents, direction);
}
