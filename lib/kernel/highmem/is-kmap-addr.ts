/**
 * Whether an address belongs to a temporary map: `is_kmap_addr`.
 */
import type { Machine } from '../core/machine.ts';

/**
 * Whether an address lies in the kmap pool or in the local slots, no matter whether a page is mapped there.
 * Always false on a machine without highmem.
 *
 * @linux is_kmap_addr (7.2; 6.1 tests the pool only)
 * @context any
 * @differs Linux omits the very first local slot, the topmost page; a strict machine includes it
 */
export function isKmapAddr(machine: Machine, address: number): boolean {
  const { config, hardware } = machine;
  if (!config.highmem) return false;
  const at = hardware.pageTable.locate(address);
  if (at?.area !== 'local') return at?.area === 'pkmap';
  return config.linux !== '6.1' && (at.index > 0 || config.semantics === 'strict');
}
