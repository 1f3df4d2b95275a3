/**
 * `vmap`: maps any pages of memory contiguously, also those without a linear address, at an address that is valid
 * everywhere; it may fail.
 *
 * Choose it if several pages have to lie side by side, or if an address is kept for long or used in several
 * contexts.
 */
import { vunmap, mapContiguous } from '../lib/kernel/highmem/vmap.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import type { Page } from '../lib/machine/memory.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { DirectMapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `vmap`. */
export const VMAP = {
  name: 'vmap',
  mirrors: 'vmap, Linux 7.2',
  contexts: ['task'],
  sleeps: false,
  scope: 'global',
  nesting: { order: 'any', limitedBy: 'vmallocPages', beyond: 'NoVirtualSpace' },
  contiguous: true,
  direct: true,
  disables: [],
  disablesRt: [],
  errors: {
    lowmem: ['NoVirtualSpace'],
    highmem: ['NoVirtualSpace'],
    iomem: ['Unmappable'],
    protected: ['Unmappable'],
    unmappable: ['NoVirtualSpace'],
  },
} as const;

// Its entries of the page table are its own, so a page needs no linear address.
function isRefused({ kind }: Page): boolean {
  return kind === 'iomem' || kind === 'protected';
}

/**
 * Binds `vmap` to a task.
 *
 * @linux vmap (7.2)
 * @context preemptible task only
 * @errors NoVirtualSpace if the vmalloc area is full, Unmappable for device memory and protected memory
 * @example
 * ```ts
 * const whole = sgMap(sg, 0, vmap(task)); // all pages of the entry
 * if (whole.ok) sgUnmap(whole.value);
 * ```
 */
export function vmap(context: Context): Backend<typeof VMAP, DirectMapping> {
  return defineBackend(context, {
    contract: VMAP,
    map: (page, pageOffset, lengthBytes) => {
      const { memory } = context.machine.hardware;
      const refused = memory.firstOfKind(page, pageOffset + lengthBytes, isRefused);
      if (refused !== undefined) return refuse(refused);
      const count = Math.max(1, Math.ceil((pageOffset + lengthBytes) / memory.pageSize));
      // Checked first, because an entry may have a million pages.
      const fits = count < context.machine.vmalloc.pages;
      const pages = Array.from({ length: fits ? count : 0 }, (_, i) => memory.nthPage(page, i));
      return mapContiguous(context, pages, pageOffset, lengthBytes, count);
    },
    unmap: (mapping) => {
      vunmap(context, mapping);
    },
  });
}
