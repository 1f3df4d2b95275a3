/**
 * Addresses of the linear map as plain numbers: `phys_to_virt`, `virt_to_phys`, `page_to_virt`, `page_address`.
 */
import { hex, physAddr, virtAddr } from '../../base/units.ts';
import type { PhysAddr, VirtAddr } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context, Machine } from '../core/machine.ts';

/**
 * The linear address of a physical address. It is computed and not looked up, so it may be an address where no memory
 * is mapped; that is found when the address is used.
 *
 * @linux phys_to_virt (7.2)
 * @context any
 * @example
 * ```ts
 * const low = machine.allocPage({ zone: 'lowmem' });
 * new AddressSpace(task).store8(physToVirt(machine, low.phys), 1);
 * ```
 */
export function physToVirt(machine: Machine, phys: PhysAddr): VirtAddr {
  const { addresses } = machine.hardware;
  return addresses.inWord(addresses.pageOffset + phys);
}

/**
 * The physical address of a linear address.
 *
 * @linux virt_to_phys (7.2)
 * @context any
 * @differs a checked machine reports an address outside the linear map, as Linux does with CONFIG_DEBUG_VIRTUAL
 */
export function virtToPhys(context: Context, address: VirtAddr): PhysAddr {
  const { machine } = context;
  machine.enter(context);
  const { addresses, memory } = machine.hardware;
  machine.hardware.checkNumber(context, 'address', address, Number.MAX_SAFE_INTEGER);
  const phys = address - addresses.pageOffset;
  if (machine.guard !== undefined && (phys < 0 || phys >= memory.directEnd * memory.pageSize)) {
    machine.hardware.violate({
      rule: 'not-linear',
      what: `virt_to_phys(${hex(address)}), and the linear map is ${hex(addresses.pageOffset)} to ${hex(addresses.directEnd)}`,
      context: context.state(),
    });
  }
  return physAddr(phys);
}

/**
 * The linear address of a page. It is computed and not looked up, as that of `physToVirt`.
 *
 * @linux page_to_virt, lowmem_page_address (7.2)
 * @context any
 */
export function pageToVirt(machine: Machine, page: Page): VirtAddr {
  machine.checkOwn(page);
  return physToVirt(machine, page.phys);
}

/**
 * The address of a page as a number: for a highmem page that of its slot in the kmap pool, or 0, which is NULL, if it has
 * none.
 *
 * @linux page_address (7.2)
 * @context any; does not sleep
 */
export function pageAddressOf(context: Context, page: Page): VirtAddr {
  const { machine } = context;
  machine.enter(context);
  if (!machine.hardware.memory.isHighmem(page)) return pageToVirt(machine, page);
  machine.checkOwn(page);
  const slot = machine.pkmap.slotOf(page);
  return slot < 0 ? virtAddr(0) : machine.pkmap.address(slot);
}
