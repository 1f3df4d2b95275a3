/**
 * The allocator for the memory of lists. A test can replace it to watch all calls and fail any of them.
 */
import type { MemoryKind } from '../../machine/memory.ts';
import { MOST_SLOTS, SgArray } from './sg-array.ts';

/** The Linux allocator that a call stands for: whole pages, `kmalloc`, or a pool of one size. */
export type SgMemory = 'page' | 'kmalloc' | 'pool';

/** An allocator of memory for lists. */
export interface SgAllocator {
  /** Returns an array of empty slots, or `undefined` if memory is short. */
  allocate<K extends MemoryKind>(memory: SgMemory, slots: number): SgArray<K> | undefined;
  /** Frees an array. `slots` is the caller's count, which may differ from the array's length. */
  free(memory: SgMemory, array: SgArray, slots: number): void;
  /** Allocates scratch memory of `count` items (`kcalloc`); false if memory is short. */
  reserve(count: number): boolean;
  /** Frees scratch memory. */
  release(count: number): void;
}

/** The default allocator. It fails only if the host has no memory; JavaScript collects freed arrays. */
export const UNLIMITED: SgAllocator = {
  allocate: (_memory, slots) => (slots > MOST_SLOTS ? undefined : new SgArray(slots)),
  free: () => undefined,
  reserve: () => true,
  release: () => undefined,
};
