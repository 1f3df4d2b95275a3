/**
 * The permanent address of a page. It costs nothing, exists for lowmem only, and may cover any number of contiguous
 * pages.
 *
 * Choose it for pages that the driver allocated itself without the highmem flag.
 */
import { closeDirect, openDirect, passDirect } from '../lib/kernel/highmem/page-address.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import type { Page } from '../lib/machine/memory.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { DirectMapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `pageAddress`. */
export const PAGE_ADDRESS = {
  name: 'page_address',
  mirrors: 'page_address, Linux 7.2',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'global',
  nesting: { order: 'any', limitedBy: 'nothing', beyond: 'none' },
  contiguous: true,
  direct: true,
  disables: [],
  disablesRt: [],
  errors: {
    lowmem: [],
    highmem: ['Unmappable'],
    iomem: ['Unmappable'],
    protected: ['Unmappable'],
    unmappable: ['Unmappable'],
  },
} as const;

// The highmem pages of a kernel without HIGHMEM have permanent addresses.
function isRefused(page: Page): boolean {
  return !page.zone.isSystemRam || page.zone.memory.isHighmem(page);
}

/**
 * Binds `page_address` to a context.
 *
 * @linux page_address (7.2)
 * @context any; does not sleep
 * @errors Unmappable for anything but lowmem; without CONFIG_HIGHMEM every page of RAM is lowmem
 * @example
 * ```ts
 * using m = sgMap(lowmemEntry, 0, pageAddress(task)).value;
 * m.store32(0, 1);
 * ```
 */
export function pageAddress(context: Context): Backend<typeof PAGE_ADDRESS, DirectMapping> {
  return defineBackend(context, {
    contract: PAGE_ADDRESS,
    map: (page, pageOffset, lengthBytes) => {
      const refused = page.zone.memory.firstOfKind(page, pageOffset + lengthBytes, isRefused);
      if (refused !== undefined) return refuse(refused);
      return openDirect(context, page, pageOffset, lengthBytes)?.asOk ?? refuse(page);
    },
    unmap: (mapping) => {
      closeDirect(context, mapping);
    },
    pass: (range, inner) => passDirect(context, range, inner),
  });
}
