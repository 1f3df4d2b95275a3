/**
 * Mapping single ranges for a device: `dma_map_page` and its relatives.
 */
import { done, err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ErrorOf } from '../../base/errors.ts';
import { dmaAddr, hex } from '../../base/units.ts';
import type { DmaAddr, VirtAddr } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import { howOf } from './dma-call.ts';
import type { DmaAttrs, DmaHow } from './dma-call.ts';
import type { DmaDevice } from './dma-device.ts';
import type { DmaMapError } from './dma-reach.ts';
import type { DmaDirection, DmaPiece } from '../parts/dma-mapping.ts';
import type { Context } from '../core/machine.ts';
import { virtToPage } from '../highmem/virt-to-page.ts';

function mapOne(
  context: Context,
  device: DmaDevice,
  piece: DmaPiece,
  direction: DmaDirection,
  how: DmaHow,
): Result<DmaAddr, DmaMapError> {
  const mapped = device.map(context, [piece], direction, how);
  if (!mapped.ok) return mapped;
  const [segment] = mapped.value;
  return segment === undefined
    ? err({ code: 'NotSupported', operation: 'mapping no bytes' })
    : device.answerWith(segment);
}

/**
 * Maps bytes of a page, or of contiguous pages, for a device. The device owns the memory until it is unmapped or
 * synced for the CPU.
 *
 * @linux dma_map_page, dma_map_page_attrs (7.2)
 * @context any; does not sleep
 * @errors BounceExhausted, TooBig, NoVirtualSpace, NotSupported, Unmappable; Linux returns DMA_MAPPING_ERROR.
 * InvalidArgument, after a report, for bytes that do not exist
 * @differs strict: mapping no bytes is reported as `dma-range`; Linux, and compatible mode, map them
 */
export function dmaMapPage(
  context: Context,
  device: DmaDevice,
  page: Page,
  offset: number,
  length: number,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): Result<DmaAddr, DmaMapError> {
  return mapOne(context, device, { page, offset, length }, direction, howOf('page', attrs));
}

/**
 * Ends the mapping of a range.
 *
 * @linux dma_unmap_page, dma_unmap_page_attrs (7.2)
 * @context any; does not sleep
 */
export function dmaUnmapPage(
  context: Context,
  device: DmaDevice,
  address: DmaAddr,
  length: number,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): void {
  device.unmap(context, address, length, direction, howOf('page', attrs));
}

/**
 * Maps bytes at an address of the direct map for a device, as `dmaMapPage` does.
 *
 * @linux dma_map_single, dma_map_single_attrs (7.2)
 * @context any; does not sleep
 * @errors as `dmaMapPage`; InvalidArgument, after a report, for an address that is not in the direct map
 */
export function dmaMapSingle(
  context: Context,
  device: DmaDevice,
  address: VirtAddr,
  length: number,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): Result<DmaAddr, DmaMapError> {
  const { machine } = context;
  const { addresses } = machine.hardware;
  const page = virtToPage(machine, address);
  if (page === undefined || address + length > addresses.directEnd) {
    machine.hardware.violate({
      rule: 'dma-area',
      what: `dma_map_single of ${String(length)} bytes at ${hex(address)}; the direct map is ${hex(addresses.pageOffset)} to ${hex(addresses.directEnd)}`,
      context: context.state(),
    });
    return err({
      code: 'InvalidArgument',
      argument: 'address',
      got: address,
      expected: 'an address of the direct map',
    });
  }
  const offset = address % machine.pageSize;
  return mapOne(context, device, { page, offset, length }, direction, howOf('single', attrs));
}

/**
 * Ends the mapping of a range that was mapped by its address.
 *
 * @linux dma_unmap_single, dma_unmap_single_attrs (7.2)
 * @context any; does not sleep
 */
export function dmaUnmapSingle(
  context: Context,
  device: DmaDevice,
  address: DmaAddr,
  length: number,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): void {
  device.unmap(context, address, length, direction, howOf('single', attrs));
}

/**
 * Sets the bus addresses that a device can use.
 *
 * @linux dma_set_mask (7.2)
 * @context any
 * @errors NotSupported if no memory can be reached with the mask; Linux returns -EIO
 * @differs refuses a new mask while mappings behind an IOMMU live, whose addresses might lie above it
 */
export function dmaSetMask(device: DmaDevice, mask: number): Result<undefined, ErrorOf<'NotSupported'>> {
  if (device.setMask(mask)) return done;
  return err({ code: 'NotSupported', operation: `DMA of ${device.name} with a mask of ${String(mask)}` });
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
 * Gives part of a mapped range to the CPU; the device keeps the rest.
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
