/**
 * From an address of the direct map back to its page: `virt_to_page`.
 */
import type { Page } from '../../machine/memory.ts';
import type { Machine } from '../core/machine.ts';

/**
 * The page behind an address of the direct map; nothing for any other address.
 *
 * @linux virt_to_page (7.2)
 * @context any
 * @differs returns `undefined` where Linux computes a pointer from an address that is not in the direct map
 */
export function virtToPage(machine: Machine, address: number): Page | undefined {
  const { addresses, memory } = machine.hardware;
  if (address < addresses.pageOffset || address >= addresses.directEnd) return undefined;
  return memory.pageAt(Math.floor((address - addresses.pageOffset) / addresses.pageSize));
}
