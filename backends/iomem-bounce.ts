/**
 * Device memory through a bounce buffer, so that code with plain loads and stores can work on it;
 * system RAM through `kmap_local_page`.
 *
 * Choose it if code with plain loads and stores has to work on lists that may hold device memory.
 */
import { ConfigError } from '../lib/base/invariant.ts';
import { checkOptions } from '../lib/base/options.ts';
import { ok } from '../lib/base/result.ts';
import { BouncePool } from '../lib/kernel/device/bounce-pool.ts';
import { DEFAULT_BOUNCE_POLICY, mapBounce, passBounce, unmapBounce } from '../lib/kernel/device/bounce.ts';
import type { BouncePolicy } from '../lib/kernel/device/bounce.ts';
import { mapLocal, passLocal, unmapLocal } from '../lib/kernel/highmem/kmap-local.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { DirectMapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `iomemBounce`. */
export const IOMEM_BOUNCE = {
  name: 'iomem_bounce',
  mirrors: 'a swiotlb-like pool between the CPU and device memory; RAM by kmap_local_page, Linux 7.2',
  contexts: ['task', 'softirq', 'hardirq', 'nmi'],
  sleeps: false,
  scope: 'task',
  nesting: { order: 'lifo', limitedBy: 'localSlots', beyond: 'violation' },
  // A bounce buffer has a permanent address, so every context may use it, and release it in any order.
  except: {
    iomem: {
      scope: 'global',
      nesting: { order: 'any', limitedBy: 'bounceSlots', beyond: 'BounceExhausted' },
    },
  },
  contiguous: false,
  direct: true,
  disables: ['migration'],
  disablesRt: ['migration'],
  errors: { lowmem: [], highmem: [], iomem: ['BounceExhausted'], protected: [], unmappable: ['Unmappable'] },
} as const;

/** The options of the backend. */
export interface BounceOptions extends Partial<BouncePolicy> {
  /** A pool to share. By default the backend has its own pool, of `bounceSlots` slots. */
  readonly pool?: BouncePool;
}

/**
 * Binds bounce mapping to a context.
 *
 * @linux none; the pool and the default policy follow swiotlb (7.2)
 * @context any; does not sleep
 * @errors BounceExhausted if the pool is full, Unmappable for memory that the CPU cannot reach
 * @example
 * ```ts
 * const withDevice = createMachine({ bounceSlots: 8 });
 * const [register] = withDevice.ioRegion(1);
 * if (register !== undefined) {
 *   const backend = iomemBounce(withDevice.task('driver'));
 *   const m = backend.map(register, 0, 64);
 *   if (m.ok) backend.unmap(m.value); // writes the copy back to the device
 * }
 * ```
 */
export function iomemBounce(
  context: Context,
  options: BounceOptions = {},
): Backend<typeof IOMEM_BOUNCE, DirectMapping> {
  checkOptions('iomemBounce', options, {
    prefill: ['copy', 'zero', 'none'],
    writeBack: ['all', 'touched', 'length'],
    sync: ['onUnmap', 'explicit'],
    pool: 'object',
  });
  if (options.pool !== undefined && options.pool.machine !== context.machine)
    throw new ConfigError('the bounce pool is one of another machine');
  const policy: BouncePolicy = {
    prefill: options.prefill ?? DEFAULT_BOUNCE_POLICY.prefill,
    writeBack: options.writeBack ?? DEFAULT_BOUNCE_POLICY.writeBack,
    sync: options.sync ?? DEFAULT_BOUNCE_POLICY.sync,
  };
  let pool = options.pool;
  return defineBackend<typeof IOMEM_BOUNCE, DirectMapping>(context, {
    contract: IOMEM_BOUNCE,
    map: (page, pageOffset, lengthBytes) => {
      if (page.kind === 'unmappable') return refuse(page);
      if (page.kind !== 'iomem') return mapLocal(context, page, pageOffset, lengthBytes).asOk;
      pool ??= new BouncePool(context.machine);
      const bounced = mapBounce(context, pool, page, pageOffset, lengthBytes, policy);
      return bounced.ok ? ok(bounced.value) : bounced;
    },
    unmap: (mapping) => {
      if (mapping.how.pool === 'bounce pool') unmapBounce(context, mapping);
      else unmapLocal(context, mapping);
    },
    pass: (range, inner) => {
      const passed = passLocal(context, range, inner);
      const isShared = options.pool !== undefined;
      if (passed > 0 || inner !== undefined || isShared || range.pieces.storageOf(range.first) === undefined)
        return passed;
      pool ??= new BouncePool(context.machine);
      return passBounce(context, pool, policy, range);
    },
  });
}
