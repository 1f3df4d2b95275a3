/**
 * Finds the page of an address in the direct map: `virt_to_page`.
 */
import type { Page } from '../../machine/memory.ts';
import type { Machine } from '../core/machine.ts';

/**
 * The page at an address of the direct map; `undefined` for any other address.
 *
 * @linux virt_to_page (7.2)
 * @context any
 * @differs for an address outside the direct map Linux computes a meaningless pointer
 */
export function virtToPage(machine: Machine, address: number): Page | undefined {
  const { addresses, memory } = machine.hardware;
  if (address < addresses.pageOffset || address >= addresses.directEnd) return undefined;
  return memory.pageAt(Math.floor((address - addresses.pageOffset) / addresses.pageSize));
}
