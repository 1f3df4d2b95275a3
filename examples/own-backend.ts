/**
 * An example of a user's own backend: one window for the whole machine. A map while it is in use fails.
 *
 *     npx scatterlist matrix --backend own-backend.mts
 *
 * The rest of the library knows only the contract below, and the conformance suite tests that the backend
 * keeps it (test/examples/own-backend.spec.ts).
 */
import { err, ok } from 'scatterlist';
import type { Context, DirectMapping, Machine } from 'scatterlist';
import { defineBackend, kunmapLocal, mapLocal } from 'scatterlist/backend';
import type { Backend } from 'scatterlist/backend';

/** The contract of the window. */
export const ONE_WINDOW = {
  name: 'one-window',
  mirrors: 'a driver with one fixmap slot of its own',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'task',
  nesting: { order: 'any', limitedBy: 1, beyond: 'NoSlots' },
  contiguous: false,
  direct: true,
  disables: ['migration'],
  disablesRt: ['migration'],
  errors: {
    lowmem: ['NoSlots'],
    highmem: ['NoSlots'],
    iomem: ['Unmappable'],
    protected: ['NoSlots'],
    unmappable: ['Unmappable'],
  },
} as const;

const busy = new WeakSet<Machine>();

/** Binds the one window to a context. */
export default function oneWindow(context: Context): Backend<typeof ONE_WINDOW, DirectMapping> {
  const { machine } = context;
  return defineBackend(context, {
    contract: ONE_WINDOW,
    map: (page, pageOffset, lengthBytes) => {
      if (page.kind === 'iomem' || page.kind === 'unmappable')
        return err({ code: 'Unmappable', pfn: page.pfn, kind: page.kind } as const);
      if (busy.has(machine)) return err({ code: 'NoSlots', slots: 1, waiting: 0 } as const);
      const mapping = mapLocal(context, page, pageOffset, lengthBytes);
      busy.add(machine);
      return ok(mapping);
    },
    unmap: (mapping) => {
      kunmapLocal(context, mapping);
      busy.delete(machine);
    },
  });
}
