/**
 * The old `kmap`: one pool for the whole machine, and addresses that are valid everywhere. Linux sleeps while the pool
 * is full. Here `map` returns an error then, and `mapWait` sleeps.
 *
 * Choose it if the address has to be valid in another context, and the mapping is made by a task that may
 * sleep. For many pages in a row, or for long, vmap is the better choice.
 */
import { err, ok } from '../lib/base/result.ts';
import type { Result } from '../lib/base/result.ts';
import type { NoSlots } from '../lib/base/errors.ts';
import { kunmap, mapPoolWait, passPool, tryMapPool } from '../lib/kernel/highmem/kmap.ts';
import type { Context } from '../lib/kernel/core/machine.ts';
import type { Sleeping } from '../lib/kernel/parts/wait-queue.ts';
import type { Page } from '../lib/machine/memory.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend } from '../lib/mapping/backend.ts';
import type { DirectMapping } from '../lib/mapping/mapping.ts';
import { refuse } from './internal/refuse.ts';

/** The contract of `kmap`. */
export const KMAP = {
  name: 'kmap',
  mirrors: 'kmap, Linux 7.2 (deprecated there)',
  contexts: ['task'],
  sleeps: true,
  scope: 'global',
  nesting: { order: 'any', limitedBy: 'pkmapSlots', beyond: 'NoSlots' },
  contiguous: false,
  direct: true,
  disables: [],
  disablesRt: [],
  errors: {
    lowmem: [],
    highmem: ['NoSlots'],
    iomem: ['Unmappable'],
    protected: ['Unmappable'],
    unmappable: ['Unmappable'],
  },
} as const;

function reachable(page: Page): boolean {
  return page.kind === 'lowmem' || page.kind === 'highmem';
}

function full(context: Context, page: Page): NoSlots {
  const { pkmap } = context.machine;
  return { code: 'NoSlots', slots: pkmap.slotsPerColour, waiting: pkmap.waitQueue(page).waiters.length };
}

/**
 * Binds `kmap` to a task.
 *
 * @linux kmap (7.2)
 * @context preemptible task only; the waiting form may sleep
 * @errors NoSlots if the pool is full, Unmappable for anything but system RAM
 * @differs `sgMap` returns NoSlots if the pool is full, for which Linux sleeps; protected pages are refused, as the PKS
 * series did
 * @example
 * ```ts
 * const m = sgMap(sg, 0, kmap(task));
 * if (m.ok) sgUnmap(m.value); // an error is NoSlots: the pool is full
 * ```
 */
export function kmap(context: Context): Backend<typeof KMAP, DirectMapping> {
  return defineBackend(context, {
    contract: KMAP,
    map: (page, pageOffset, lengthBytes) => {
      if (!reachable(page)) return refuse(page);
      return tryMapPool(context, page, pageOffset, lengthBytes)?.asOk ?? err(full(context, page));
    },
    *mapWait(
      page,
      pageOffset,
      lengthBytes,
    ): Sleeping<Result<DirectMapping, ReturnType<typeof refuse>['error']>> {
      if (!reachable(page)) return refuse(page);
      return ok(yield* mapPoolWait(context, page, pageOffset, lengthBytes));
    },
    unmap: (mapping) => {
      kunmap(context, mapping);
    },
    pass: (range, inner) => passPool(context, range, inner),
  });
}
