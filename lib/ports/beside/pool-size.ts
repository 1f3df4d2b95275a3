/**
 * The smallest pools in which a port alone finds room, so that a second user of the pool is felt.
 */
import { LIMITS } from '../../machine/limits.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { termsFor } from '../../mapping/contract.ts';
import type { Contract } from '../../mapping/contract.ts';
import { isShared } from '../expectation.ts';
import type { Needs } from '../needs.ts';

/** The sizes of the pools, as options of a machine. */
export interface PoolSizes {
  readonly pkmapSlots: number;
  readonly bounceSlots: number;
  readonly vmallocPages: number;
}

/** What decides the size of a pool. */
type Held = Pick<Needs, 'heldAtOnce' | 'pages'>;

/** The most mappings that a context of the port holds at once. */
export function heldBy(sites: readonly Held[]): number {
  return Math.max(1, ...sites.map(({ heldAtOnce }) => heldAtOnce));
}

/** Pools for so many times what one context of the port holds at once, and for a number of pages of others. */
export function poolsFor(sites: readonly Held[], times: number, others: number): PoolSizes {
  const held = times * heldBy(sites);
  const pages = held * Math.max(1, ...sites.map(({ pages: covered }) => covered)) + others;
  return {
    // A power of two, as LAST_PKMAP is.
    pkmapSlots: 2 ** Math.ceil(Math.log2(held + others)),
    bounceSlots: pages * Math.ceil(LIMITS.pageSize / LIMITS.bounceSlotBytes),
    // A page between two areas is left free.
    vmallocPages: pages + held + others,
  };
}

/**
 * The kind of memory with which two users of a backend meet: the first for which it takes room in a pool that is shared;
 * or the first that it reaches at all.
 *
 * @linux none
 */
export function kindFor(contract: Contract, kinds: readonly MemoryKind[]): MemoryKind | undefined {
  const reached = kinds.filter((kind) => !contract.errors[kind].includes('Unmappable'));
  const pooled = reached.find((kind) => {
    const { limitedBy, beyond } = termsFor(contract, kind).nesting;
    return isShared(limitedBy) && contract.errors[kind].some((code) => code === beyond);
  });
  return pooled ?? reached[0] ?? kinds[0];
}
