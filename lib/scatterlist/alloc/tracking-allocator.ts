/**
 * An allocator that remembers every call and can fail one of them.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkOptions } from '../../base/options.ts';
import { isWhole, notWhole, requireWhole } from '../../base/whole.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { MOST_SLOTS, SgArray } from '../list/sg-array.ts';
import type { SgAllocator, SgMemory } from '../list/sg-allocator.ts';

/** One call of an allocator, in order. */
export interface SgAllocation {
  readonly memory: SgMemory | 'kcalloc' | 'order';
  /** The number of slots or items, or the order of a page allocation. */
  readonly count: number;
  readonly failed: boolean;
}

/** One array given back. */
export interface SgFree {
  readonly array: SgArray;
  /** The number that was passed to the free function. */
  readonly slots: number;
}

/**
 * Counts allocations and fails the one asked for: run a function with `failAt` 0, 1, 2, … until `reached`
 * stays false, and look at `live` after each run.
 *
 * @linux none; in the manner of CONFIG_FAILSLAB with `times` 1
 * @context any
 * @example
 * ```ts
 * const memory = new TrackingAllocator({ failAt: 2 });
 * sgAllocTable(1000, { allocator: memory }); // NoMemory, and memory.live is 0
 * ```
 */
export class TrackingAllocator implements SgAllocator {
  readonly calls: SgAllocation[] = [];
  /** The allocated arrays, in order. */
  readonly arrays: SgArray[] = [];
  readonly frees: SgFree[] = [];
  /** Number of allocations that were not freed. */
  live = 0;
  private readonly failAt: number;

  constructor(options: { readonly failAt?: number } = {}) {
    checkOptions('TrackingAllocator', options, { failAt: 'number' });
    const { failAt = Number.POSITIVE_INFINITY } = options;
    if (failAt !== Number.POSITIVE_INFINITY && !isWhole(failAt, Number.MAX_SAFE_INTEGER))
      throw new ConfigError(notWhole('failAt', failAt, 0, Number.MAX_SAFE_INTEGER));
    this.failAt = failAt;
  }

  /** Whether the call to fail was made. */
  get reached(): boolean {
    return this.calls.length > this.failAt;
  }

  /** Counts a call of another allocator, for example of pages; false if that call must fail. */
  attempt(memory: SgAllocation['memory'], count: number): boolean {
    requireWhole('count', count, 0, Number.MAX_SAFE_INTEGER);
    const failed = this.calls.length === this.failAt;
    this.calls.push({ memory, count, failed });
    if (!failed) this.live += 1;
    return !failed;
  }

  allocate<K extends MemoryKind>(memory: SgMemory, slots: number): SgArray<K> | undefined {
    if (slots > MOST_SLOTS || !this.attempt(memory, slots)) return undefined;
    const array = new SgArray<K>(slots);
    this.arrays.push(array);
    return array;
  }

  free(_memory: SgMemory, array: SgArray, slots: number): void {
    requireWhole('slots', slots);
    this.frees.push({ array, slots });
    this.live -= 1;
  }

  reserve(count: number): boolean {
    return this.attempt('kcalloc', count);
  }

  release(count: number): void {
    requireWhole('count', count);
    this.live -= 1;
  }
}
