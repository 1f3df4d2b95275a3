/**
 * Protected pages, the PKS / pgmap design of 2022: the task holds their key from the map to the unmap.
 *
 * Choose it to write pages of persistent memory whose protection key is closed otherwise.
 */
import { mapLocal, unmapLocal } from '../lib/kernel/highmem/kmap-local.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { DirectMapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `pgmap`. */
export const PGMAP = {
  name: 'pgmap',
  mirrors: 'kmap_local_page with DEVMAP_ACCESS_PROTECTION (the PKS series, V10; not in mainline)',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'task',
  nesting: { order: 'lifo', limitedBy: 'localSlots', beyond: 'violation' },
  contiguous: false,
  direct: true,
  disables: [],
  disablesRt: [],
  errors: {
    lowmem: [],
    highmem: ['Unmappable'],
    iomem: ['Unmappable'],
    protected: [],
    unmappable: ['Unmappable'],
  },
} as const;

/**
 * Binds protected mapping to a context.
 *
 * @linux kmap_local_page with DEVMAP_ACCESS_PROTECTION (PKS series, V10; not in mainline)
 * @context any; does not sleep
 * @errors Unmappable for device memory and for highmem, which the design does not support
 * @example
 * ```ts
 * const withKeys = createMachine({ protectedPages: 1 });
 * const writer = withKeys.task('writer');
 * const backend = pgmap(writer);
 * const m = backend.map(withKeys.allocPage({ zone: 'protected' }), 0, 64);
 * if (m.ok) {
 *   m.value.store8(0, 1);
 *   backend.unmap(m.value);
 * }
 * ```
 */
export function pgmap(context: Context): Backend<typeof PGMAP, DirectMapping> {
  const { memory } = context.machine.hardware;
  return defineBackend(context, {
    contract: PGMAP,
    map: (page, pageOffset, lengthBytes) =>
      !memory.isDirect(page) ? refuse(page) : mapLocal(context, page, pageOffset, lengthBytes).asOk,
    unmap: (mapping) => {
      unmapLocal(context, mapping);
    },
  });
}
