/**
 * A wrapper that makes any backend fail: at the n-th map, or as a plan says. It can also map wrong bytes, so that a
 * test of the data path can prove that it would detect them.
 *
 * It adds `Injected` to the errors of the backend, so code without a check does not compile until it has one.
 *
 * Choose it in tests, to see what a caller does when a map fails.
 */
import { checkOptions } from '../lib/base/options.ts';
import { err } from '../lib/base/result.ts';
import { configWhole } from '../lib/base/whole.ts';
import type { Result } from '../lib/base/result.ts';
import type { Page } from '../lib/machine/memory.ts';
import { defineBackend } from '../lib/mapping/backend.ts';
import type { Backend, MapBackend } from '../lib/mapping/backend.ts';
import { guarded } from '../lib/mapping/guarded.ts';
import type { Contract, ErrorTable } from '../lib/mapping/contract.ts';
import type { Mapping } from '../lib/mapping/mapping.ts';
import type { MemoryKind } from '../lib/machine/memory.ts';

/** A contract whose every kind of memory may also fail with `Injected`. */
export interface WithInjected<C extends Contract> extends Contract {
  readonly sleeps: C['sleeps'];
  readonly nesting: C['nesting'];
  readonly except?: NonNullable<C['except']>;
  readonly errors: { readonly [K in MemoryKind]: readonly (C['errors'][K][number] | 'Injected')[] };
}

/** One map, as a plan sees it. */
export interface MapCall {
  /** Its number, counted from 0 over the life of the wrapper. */
  readonly attempt: number;
  readonly page: Page;
  readonly pageOffset: number;
  readonly lengthBytes: number;
}

/** Which maps fail, and which reach wrong bytes. */
export interface FaultPlan {
  /** Fails the attempt of this number, counted from 0 over the life of the wrapper. */
  readonly failAt?: number;
  /** Fails if it returns true. */
  readonly failWhen?: (attempt: number, page: Page) => boolean;
  /** Maps the page that it returns in place of the one asked for: a stale or swapped translation. */
  readonly mapInstead?: (call: MapCall) => Page | undefined;
  /**
   * May change the bytes of a new mapping before a reader sees them. If it returns a function, that is called just
   * before the release, to restore the bytes or to spoil what a writer wrote.
   */
  readonly damage?: (call: MapCall, mapping: Mapping) => ((mapping: Mapping) => void) | undefined;
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
 * Wraps a backend so that chosen maps fail with `Injected`, or reach wrong bytes.
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
  checkOptions('faultInjection', plan, {
    failAt: 'number',
    failWhen: 'function',
    mapInstead: 'function',
    damage: 'function',
  });
  if (plan.failAt !== undefined) configWhole('failAt', plan.failAt, 0, Infinity);
  const endings = new Map<Mapping, (mapping: Mapping) => void>();
  let attempts = 0;
  const fails = (page: Page): number => {
    const attempt = attempts;
    attempts += 1;
    const hit = attempt === plan.failAt || (plan.failWhen?.(attempt, page) ?? false);
    return hit ? attempt : -1;
  };
  const spoil = <R extends Result<Mapping, unknown>>(call: MapCall, mapped: R): R => {
    const ending = mapped.ok ? plan.damage?.(call, mapped.value) : undefined;
    if (mapped.ok && ending !== undefined) endings.set(mapped.value, ending);
    return mapped;
  };
  return defineBackend<WithInjected<Contract>, Mapping>(inner.context, {
    contract: widened(inner.contract),
    map: (page, pageOffset, lengthBytes) => {
      const call = { attempt: attempts, page, pageOffset, lengthBytes };
      const attempt = fails(page);
      if (attempt >= 0) return err({ code: 'Injected', attempt });
      return spoil(call, inner.map(plan.mapInstead?.(call) ?? page, pageOffset, lengthBytes));
    },
    *mapWait(page, pageOffset, lengthBytes) {
      const call = { attempt: attempts, page, pageOffset, lengthBytes };
      const attempt = fails(page);
      if (attempt >= 0) return err({ code: 'Injected', attempt });
      return spoil(call, yield* inner.mapWait(plan.mapInstead?.(call) ?? page, pageOffset, lengthBytes));
    },
    unmap: (mapping) => {
      endings.get(mapping)?.(mapping);
      endings.delete(mapping);
      guarded(inner).unmap(mapping);
    },
  });
}
