/**
 * Mapping lists for a device: `dma_map_sgtable` and its relatives.
 */
import { done, err } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { dmaAddr } from '../base/units.ts';
import type { InvalidArgument } from '../base/errors.ts';
import type { DmaDevice, DmaMapError } from '../kernel/dma-device.ts';
import type { DmaDirection, DmaOwner, DmaPiece } from '../kernel/dma-mapping.ts';
import type { Context } from '../kernel/machine.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { forEachSg, forEachSgtableSg } from './for-each-sg.ts';
import { LinkWatch } from './link-watch.ts';
import type { SgEntry } from './sg-array.ts';
import {
  sgDmaAddress,
  sgDmaIsBusAddress,
  sgDmaLen,
  sgDmaMarkBusAddress,
  sgDmaUnmarkBusAddress,
  sgSetDma,
} from './sg-dma.ts';
import { isStrict } from './sg-options.ts';
import { mappedNents } from './sg-table.ts';
import type { SgTable } from './sg-table.ts';

/**
 * Maps a table for a device: `nents` and the DMA fields of the first `nents` entries say what the device
 * sees, which may be fewer segments than entries. All of it is mapped or nothing.
 *
 * @linux dma_map_sgtable (7.2)
 * @context any; does not sleep
 * @errors as `dmaMapPage`, where Linux answers -ENOMEM, -EIO or, for NotSupported, -EREMOTEIO; InvalidArgument
 * (-EINVAL) for an entry without a page, for an empty table, and for one whose links lead back
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
): Result<undefined, DmaMapError | InvalidArgument> {
  const pieces: DmaPiece[] = [];
  const links = new LinkWatch(table.sgl, context);
  let entry = table.sgl;
  for (let left = table.origNents - 1; left >= 0 && entry !== null; left -= 1) {
    const { page, offset, length }: SgEntry = entry;
    if (page === null) return notAList(pieces.length, 'entries that have pages');
    pieces.push({ page, offset, length });
    entry = links.next(entry, left);
  }
  if (links.isEndless) return notAList(links.entries, 'a list that ends');
  if (pieces.length === 0) return notAList(0, 'at least one entry');
  const mapped = device.map(context, pieces, direction);
  if (!mapped.ok) return mapped;
  const segments = mapped.value;
  let i = 0;
  for (const sg of forEachSgtableSg(table)) {
    const segment = segments[i];
    sgDmaUnmarkBusAddress(sg);
    sgSetDma(sg, segment?.address ?? dmaAddr(0), segment?.lengthBytes ?? 0);
    if (segment?.isBusAddress === true) sgDmaMarkBusAddress(sg);
    i += 1;
  }
  table.nents = mappedNents(segments.length);
  return done;
}

function notAList(got: number, expected: string): Result<never, InvalidArgument> {
  return err({ code: 'InvalidArgument', argument: 'table', got, expected });
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
): void {
  for (const sg of forEachSg(table.sgl, table.nents, context)) {
    if (sgDmaIsBusAddress(sg)) sgDmaUnmarkBusAddress(sg);
    else device.unmap(context, sgDmaAddress(sg), sgDmaLen(sg), direction);
  }
  const { semantics, machine = context.machine } = table.how;
  if (isStrict({ semantics, machine })) table.nents = mappedNents(table.origNents);
}

function syncTable(
  context: Context,
  device: DmaDevice,
  table: SgTable,
  owner: DmaOwner,
  direction: DmaDirection,
): void {
  for (const sg of forEachSg(table.sgl, table.nents, context)) {
    if (!sgDmaIsBusAddress(sg)) device.sync(context, owner, sgDmaAddress(sg), sgDmaLen(sg), direction);
  }
}

/**
 * Gives the memory of a mapped table to the CPU.
 *
 * @linux dma_sync_sgtable_for_cpu, dma_sync_sg_for_cpu (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSgtableForCpu(
  context: Context,
  device: DmaDevice,
  table: SgTable,
  direction: DmaDirection,
): void {
  syncTable(context, device, table, 'cpu', direction);
}

/**
 * Gives the memory of a mapped table back to the device.
 *
 * @linux dma_sync_sgtable_for_device, dma_sync_sg_for_device (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSgtableForDevice(
  context: Context,
  device: DmaDevice,
  table: SgTable,
  direction: DmaDirection,
): void {
  syncTable(context, device, table, 'device', direction);
}
