/**
 * A wrapper that makes any backend fail: at the n-th map, or where a plan says so.
 *
 * The wrapped backend's errors gain `Injected`, so code that was right to check nothing stops
 * compiling until it checks.
 */
import { err } from '../lib/base/result.ts';
import type { Page } from '../lib/machine/memory.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend, MapBackend } from '../lib/mapping/backend.ts';
import type { Contract, ErrorTable } from '../lib/mapping/contract.ts';
import type { Mapping } from '../lib/mapping/mapping.ts';
import type { MemoryKind } from '../lib/machine/memory.ts';

/** A contract whose every kind of memory may also fail with `Injected`. */
export interface WithInjected<C extends Contract> extends Contract {
  readonly errors: { readonly [K in MemoryKind]: readonly (C['errors'][K][number] | 'Injected')[] };
}

/** Which maps fail. */
export interface FaultPlan {
  /** Fails the attempt of this number, counted from 0 over the life of the wrapper. */
  readonly failAt?: number;
  /** Fails where it answers true. */
  readonly failWhen?: (attempt: number, page: Page) => boolean;
}

function widened<C extends Contract>(contract: C): WithInjected<C> {
  const also = (codes: ErrorTable[MemoryKind]): ErrorTable[MemoryKind] => [...codes, 'Injected'];
  const { errors } = contract;
  return {
    ...contract,
    errors: {
      lowmem: also(errors.lowmem),
      highmem: also(errors.highmem),
      iomem: also(errors.iomem),
      protected: also(errors.protected),
      unmappable: also(errors.unmappable),
    },
  };
}

/**
 * Wraps a backend so that chosen maps fail with `Injected`.
 *
 * @linux none; in the manner of failslab, for which kmap has no counterpart
 * @context as the wrapped backend
 * @errors Injected, and those of the wrapped backend
 * @example
 * ```ts
 * const faulty = faultInjection(kmapLocal(task), { failAt: 2 });
 * ```
 */
export function faultInjection<C extends Contract, M extends Mapping>(
  inner: MapBackend<C, M>,
  plan: FaultPlan,
): Backend<WithInjected<C>, M>;
export function faultInjection(inner: MapBackend, plan: FaultPlan): Backend<WithInjected<Contract>, Mapping> {
  let attempts = 0;
  const fails = (page: Page): number => {
    const attempt = attempts;
    attempts += 1;
    const hit = attempt === plan.failAt || (plan.failWhen?.(attempt, page) ?? false);
    return hit ? attempt : -1;
  };
  return defineBackend<WithInjected<Contract>, Mapping>(inner.context, {
    contract: widened(inner.contract),
    map: (page, pageOffset, lengthBytes) => {
      const attempt = fails(page);
      return attempt < 0 ? inner.map(page, pageOffset, lengthBytes) : err({ code: 'Injected', attempt });
    },
    *mapWait(page, pageOffset, lengthBytes) {
      const attempt = fails(page);
      return attempt < 0
        ? yield* inner.mapWait(page, pageOffset, lengthBytes)
        : err({ code: 'Injected', attempt });
    },
    unmap: (mapping) => {
      inner.unmap(mapping);
    },
  });
}
