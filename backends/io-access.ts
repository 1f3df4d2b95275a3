/**
 * Accessors only, in the manner of `iosys_map`: system RAM and device memory behind one interface that
 * never hands out an address to dereference.
 *
 * Choose it if code can call accessors, and its memory may be RAM or a device.
 */
import { mapIo, unmapIo } from '../lib/kernel/device/io-mapping.ts';
import { mapLocal, unmapLocal } from '../lib/kernel/highmem/kmap-local.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import { ok } from '../lib/base/result.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { Mapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `ioAccess`. */
export const IO_ACCESS = {
  name: 'io_access',
  mirrors: 'iosys_map over kmap_local_page and io_mapping_map_local_wc, Linux 7.2',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'task',
  nesting: { order: 'lifo', limitedBy: 'localSlots', beyond: 'violation' },
  contiguous: false,
  direct: false,
  disables: ['migration'],
  disablesRt: ['migration'],
  errors: { lowmem: [], highmem: [], iomem: [], protected: [], unmappable: ['Unmappable'] },
} as const;

/**
 * Binds accessor-only mapping to a context.
 *
 * @linux iosys_map (7.2)
 * @context any; does not sleep
 * @errors Unmappable for memory that the CPU cannot reach
 * @differs carries its length and owner and checks both; iosys_map has neither
 * @example
 * ```ts
 * const [register] = machine.ioRegion(1);
 * if (register !== undefined) {
 *   const backend = ioAccess(task);
 *   const m = backend.map(register, 0, 4);
 *   if (m.ok) {
 *     m.value.store32(0, 1); // one access of 32 bits to the device
 *     backend.unmap(m.value);
 *   }
 * }
 * ```
 */
export function ioAccess(context: Context): Backend<typeof IO_ACCESS, Mapping> {
  return defineBackend<typeof IO_ACCESS, Mapping>(context, {
    contract: IO_ACCESS,
    map: (page, pageOffset, lengthBytes) => {
      if (page.kind === 'unmappable') return refuse(page);
      if (page.kind === 'iomem') return ok(mapIo(context, page, pageOffset, lengthBytes));
      return ok(mapLocal(context, page, pageOffset, lengthBytes));
    },
    unmap: (mapping) => {
      if (mapping.isForDevice) unmapIo(context, mapping);
      else unmapLocal(context, mapping);
    },
  });
}
