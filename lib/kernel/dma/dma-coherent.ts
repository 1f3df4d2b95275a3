/**
 * Memory that a driver and its device use at the same time: `dma_alloc_coherent`.
 */
import type { Result } from '../../base/result.ts';
import type { DmaAddr, VirtAddr } from '../../base/units.ts';
import type { CoherentMemory, DmaAllocError } from './dma-coherent-memory.ts';
import type { DmaDevice } from './dma-device.ts';
import type { Context } from '../core/machine.ts';

/**
 * Allocates memory that the CPU and a device may use at any time, without a sync: zeroed contiguous pages of lowmem.
 * They bypass a data cache that is not coherent, and are never bounced.
 *
 * @linux dma_alloc_coherent, dma_alloc_attrs (7.2)
 * @context any; does not sleep
 * @errors NoMemory, NoVirtualSpace, and Unmappable for free pages above the mask; Linux returns NULL.
 * InvalidArgument, after a report, for a size that is not a whole number of 1 or more
 * @differs takes no gfp flags; the memory stays in the direct map, even with an IOMMU or a cache that is bypassed
 */
export function dmaAllocCoherent(
  context: Context,
  device: DmaDevice,
  size: number,
): Result<CoherentMemory, DmaAllocError> {
  return device.allocCoherent(context, size);
}

/**
 * Frees such memory, by the size, the address and the handle of its allocation.
 *
 * @linux dma_free_coherent, dma_free_attrs (7.2)
 * @context any with interrupts enabled; does not sleep
 * @differs if execution continues after a report, the memory of the handle is freed; size and address are ignored
 */
export function dmaFreeCoherent(
  context: Context,
  device: DmaDevice,
  size: number,
  cpuAddress: VirtAddr,
  handle: DmaAddr,
): void {
  device.freeCoherent(context, size, cpuAddress, handle);
}
