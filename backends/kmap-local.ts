/**
 * The default choice: `kmap_local_page`. Maps any system RAM, and protected pages with their key, from
 * any context, and cannot fail; releases go in reverse order.
 *
 * Choose it wherever the context that maps is the one that uses the address and unmaps, which is most code.
 */
import { mapLocal, passLocal, unmapLocal } from '../lib/kernel/highmem/kmap-local.ts';
import { SlotTokens } from '../lib/kernel/parts/slot-tokens.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { DirectMapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `kmapLocal`. */
export const KMAP_LOCAL = {
  name: 'kmap_local',
  mirrors: 'kmap_local_page, Linux 7.2',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'task',
  nesting: { order: 'lifo', limitedBy: 'localSlots', beyond: 'violation' },
  contiguous: false,
  direct: true,
  disables: ['migration'],
  disablesRt: ['migration'],
  errors: { lowmem: [], highmem: [], iomem: ['Unmappable'], protected: [], unmappable: ['Unmappable'] },
} as const;

/**
 * Binds `kmap_local_page` to a context.
 *
 * @linux kmap_local_page (7.2)
 * @context any; does not sleep
 * @errors Unmappable for device and unmappable memory
 * @differs Linux would hand out an address for device pages; this backend refuses them
 * @example
 * ```ts
 * using m = sgMap(sg, 0, kmapLocal(task)).value; // cannot fail on RAM, so there is nothing to check
 * m.bytes.fill(0);
 * ```
 */
export function kmapLocal(context: Context): Backend<typeof KMAP_LOCAL, DirectMapping> {
  return defineBackend<typeof KMAP_LOCAL, DirectMapping>(context, {
    contract: KMAP_LOCAL,
    map: (page, pageOffset, lengthBytes) =>
      page.kind === 'iomem' || page.kind === 'unmappable'
        ? refuse(page)
        : mapLocal(context, page, pageOffset, lengthBytes).asOk,
    unmap: (mapping) => {
      unmapLocal(context, mapping);
    },
    tokens: SlotTokens.of(context),
    pass: (range, inner) => passLocal(context, range, inner),
  });
}
