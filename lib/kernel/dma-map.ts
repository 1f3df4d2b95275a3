/**
 * Mapping single ranges for a device: `dma_map_page` and its relatives.
 */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { dmaAddr } from '../base/units.ts';
import type { DmaAddr } from '../base/units.ts';
import type { Page } from '../machine/memory.ts';
import type { DmaDevice, DmaMapError } from './dma-device.ts';
import type { DmaDirection } from './dma-mapping.ts';
import type { Context } from './machine.ts';

/**
 * Maps bytes of a page, or of pages that follow each other, for a device. Until it is unmapped, or synced
 * for the CPU, the memory is the device's.
 *
 * @linux dma_map_page (7.2)
 * @context any; does not sleep
 * @errors BounceExhausted, TooBig, NoVirtualSpace, NotSupported, Unmappable, where Linux answers DMA_MAPPING_ERROR
 */
export function dmaMapPage(
  context: Context,
  device: DmaDevice,
  page: Page,
  offset: number,
  length: number,
  direction: DmaDirection,
): Result<DmaAddr, DmaMapError> {
  const mapped = device.map(context, [{ page, offset, length }], direction);
  if (!mapped.ok) return mapped;
  const [segment] = mapped.value;
  return segment === undefined
    ? err({ code: 'NotSupported', operation: 'mapping no bytes' })
    : ok(segment.address);
}

/**
 * Ends the mapping of a range.
 *
 * @linux dma_unmap_page (7.2)
 * @context any; does not sleep
 */
export function dmaUnmapPage(
  context: Context,
  device: DmaDevice,
  address: DmaAddr,
  length: number,
  direction: DmaDirection,
): void {
  device.unmap(context, address, length, direction);
}

/**
 * Gives a mapped range to the CPU.
 *
 * @linux dma_sync_single_for_cpu (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSingleForCpu(
  context: Context,
  device: DmaDevice,
  address: DmaAddr,
  length: number,
  direction: DmaDirection,
): void {
  device.sync(context, 'cpu', address, length, direction);
}

/**
 * Gives a mapped range back to the device.
 *
 * @linux dma_sync_single_for_device (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSingleForDevice(
  context: Context,
  device: DmaDevice,
  address: DmaAddr,
  length: number,
  direction: DmaDirection,
): void {
  device.sync(context, 'device', address, length, direction);
}

/**
 * Gives part of a mapped range to the CPU; the rest stays the device's.
 *
 * @linux dma_sync_single_range_for_cpu (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSingleRangeForCpu(
  context: Context,
  device: DmaDevice,
  address: DmaAddr,
  offset: number,
  length: number,
  direction: DmaDirection,
): void {
  dmaSyncSingleForCpu(context, device, dmaAddr(address + offset), length, direction);
}

/**
 * Gives part of a mapped range back to the device.
 *
 * @linux dma_sync_single_range_for_device (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSingleRangeForDevice(
  context: Context,
  device: DmaDevice,
  address: DmaAddr,
  offset: number,
  length: number,
  direction: DmaDirection,
): void {
  dmaSyncSingleForDevice(context, device, dmaAddr(address + offset), length, direction);
}

/**
 * The longest range that one mapping for a device can have.
 *
 * @linux dma_max_mapping_size (7.2)
 * @context any
 */
export function dmaMaxMappingSize(device: DmaDevice): number {
  return device.maxMappingBytes;
}
