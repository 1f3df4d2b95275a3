/**
 * Memory that a driver and its device use at the same time: `dma_alloc_coherent`.
 */
import type { Result } from '../../base/result.ts';
import type { DmaAddr, VirtAddr } from '../../base/units.ts';
import type { CoherentMemory, DmaAllocError } from './dma-coherent-memory.ts';
import type { DmaDevice } from './dma-device.ts';
import type { Context } from '../core/machine.ts';

/**
 * Allocates memory that the CPU and a device may use at any time, with no sync: zeroed pages of lowmem that follow
 * each other. They pass by a data cache that is not coherent, and are never bounced.
 *
 * @linux dma_alloc_coherent, dma_alloc_attrs (7.2)
 * @context any; does not sleep
 * @errors NoMemory, NoVirtualSpace, and Unmappable for free pages above the mask, where Linux returns NULL;
 * InvalidArgument behind a report, for a size that is not a whole number of 1 or more
 * @differs takes no gfp flags; the memory is in the direct map even behind an IOMMU and where the cache is passed by
 */
export function dmaAllocCoherent(
  context: Context,
  device: DmaDevice,
  size: number,
): Result<CoherentMemory, DmaAllocError> {
  return device.allocCoherent(context, size);
}

/**
 * Gives such memory back, by the size, the address and the handle that it was allocated with.
 *
 * @linux dma_free_coherent, dma_free_attrs (7.2)
 * @context any with interrupts enabled; does not sleep
 * @differs where a report goes on, the memory of the handle is freed, whatever the size and the address say
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
