/**
 * The deprecated `kmap_atomic`: a local map inside a section in which nothing may sleep.
 *
 * Choose it only to reproduce code that relies on preemption being off; new code calls kmap_local_page.
 */
import { kunmapAtomic, mapAtomic } from '../lib/kernel/highmem/kmap-atomic.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { DirectMapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `kmapAtomic`. */
export const KMAP_ATOMIC = {
  name: 'kmap_atomic',
  mirrors: 'kmap_atomic, Linux 7.2 (deprecated there)',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'task',
  nesting: { order: 'lifo', limitedBy: 'localSlots', beyond: 'violation' },
  contiguous: false,
  direct: true,
  disables: ['preemption', 'migration', 'pageFaults'],
  disablesRt: ['migration', 'pageFaults'],
  errors: { lowmem: [], highmem: [], iomem: ['Unmappable'], protected: [], unmappable: ['Unmappable'] },
} as const;

/**
 * Binds `kmap_atomic` to a context.
 *
 * @linux kmap_atomic (7.2)
 * @context any; nothing may sleep while a mapping lives
 * @errors Unmappable for device and unmappable memory
 * @example
 * ```ts
 * const copied = sgCopyToBuffer(table, buffer, kmapAtomic(task));
 * ```
 */
export function kmapAtomic(context: Context): Backend<typeof KMAP_ATOMIC, DirectMapping> {
  return defineBackend(context, {
    contract: KMAP_ATOMIC,
    map: (page, pageOffset, lengthBytes) =>
      page.kind === 'iomem' || page.kind === 'unmappable'
        ? refuse(page)
        : mapAtomic(context, page, pageOffset, lengthBytes).asOk,
    unmap: (mapping) => {
      kunmapAtomic(context, mapping);
    },
  });
}
