/**
 * The device's view of an entry: bus address, length and flags. Valid for the mapped `nents` only.
 */
import { dmaAddr } from '../../base/units.ts';
import type { DmaAddr } from '../../base/units.ts';
import { MOST_32, requireWhole } from '../../base/whole.ts';
import type { SgEntry } from './sg-array.ts';

/** `SG_DMA_BUS_ADDRESS`: the address is of a PCI bus; nothing was mapped, nothing is to be unmapped. */
const SG_DMA_BUS_ADDRESS = 1;
/** `SG_DMA_SWIOTLB`: bytes of the list may be bounced. */
const SG_DMA_SWIOTLB = 2;

/**
 * The bus address of a segment; 0 before a device maps the list.
 *
 * @linux sg_dma_address (7.2)
 * @context any
 */
export function sgDmaAddress(sg: SgEntry): DmaAddr {
  return dmaAddr(sg.array.dmaIfMapped?.addresses[sg.slot] ?? 0);
}

/**
 * The bytes of a segment as the device sees them; not those of the entry.
 *
 * @linux sg_dma_len (7.2), with CONFIG_NEED_SG_DMA_LENGTH
 * @context any
 */
export function sgDmaLen(sg: SgEntry): number {
  return sg.array.dmaIfMapped?.lengths[sg.slot] ?? 0;
}

/**
 * Sets what `sgDmaAddress` and `sgDmaLen` return: the assignments to the two macros in C.
 *
 * @linux none
 */
export function sgSetDma(sg: SgEntry, address: DmaAddr, lengthBytes: number): void {
  requireWhole('address', address);
  requireWhole('lengthBytes', lengthBytes, 0, MOST_32);
  const { dma } = sg.array;
  dma.addresses[sg.slot] = address;
  dma.lengths[sg.slot] = lengthBytes;
}

/**
 * Whether a segment is a PCI bus address.
 *
 * @linux sg_dma_is_bus_address (7.2); sg_is_dma_bus_address in 6.1
 * @context any
 */
export function sgDmaIsBusAddress(sg: SgEntry): boolean {
  return (flagsOf(sg) & SG_DMA_BUS_ADDRESS) !== 0;
}

/**
 * Marks a segment as a PCI bus address.
 *
 * @linux sg_dma_mark_bus_address (7.2)
 * @context any
 */
export function sgDmaMarkBusAddress(sg: SgEntry): void {
  sg.array.dma.flags[sg.slot] = flagsOf(sg) | SG_DMA_BUS_ADDRESS;
}

/**
 * Removes the mark of a PCI bus address. The name is that of Linux.
 *
 * @linux sg_dma_unmark_bus_address (7.2)
 * @context any
 */
export function sgDmaUnmarkBusAddress(sg: SgEntry): void {
  sg.array.dma.flags[sg.slot] = flagsOf(sg) & ~SG_DMA_BUS_ADDRESS;
}

/**
 * Whether bytes of the list may be bounced; asked of its first entry.
 *
 * @linux sg_dma_is_swiotlb (7.2; not in 6.1)
 * @context any
 */
export function sgDmaIsSwiotlb(sg: SgEntry): boolean {
  return (flagsOf(sg) & SG_DMA_SWIOTLB) !== 0;
}

/**
 * Marks a list as bounced.
 *
 * @linux sg_dma_mark_swiotlb (7.2; not in 6.1)
 * @context any
 */
export function sgDmaMarkSwiotlb(sg: SgEntry): void {
  sg.array.dma.flags[sg.slot] = flagsOf(sg) | SG_DMA_SWIOTLB;
}

function flagsOf(sg: SgEntry): number {
  return sg.array.dmaIfMapped?.flags[sg.slot] ?? 0;
}
