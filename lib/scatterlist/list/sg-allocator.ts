/**
 * Where the memory of lists comes from, so that a test can watch it and fail any single call.
 */
import type { MemoryKind } from '../../machine/memory.ts';
import { MOST_SLOTS, SgArray } from './sg-array.ts';

/** Which of Linux's allocators is asked: whole pages, `kmalloc`, or a pool of one size. */
export type SgMemory = 'page' | 'kmalloc' | 'pool';

/** Memory for lists. */
export interface SgAllocator {
  /** An array of empty slots, or nothing where memory is short. */
  allocate<K extends MemoryKind>(memory: SgMemory, slots: number): SgArray<K> | undefined;
  /** Takes an array back; `slots` as the caller counts them, which need not be those it was made with. */
  free(memory: SgMemory, array: SgArray, slots: number): void;
  /** Scratch memory of `count` items (`kcalloc`); false where memory is short. */
  reserve(count: number): boolean;
  /** Gives scratch memory back. */
  release(count: number): void;
}

/** Short of memory only where the host would be; the arrays are JavaScript's to collect. */
export const UNLIMITED: SgAllocator = {
  allocate: (_memory, slots) => (slots > MOST_SLOTS ? undefined : new SgArray(slots)),
  free: () => undefined,
  reserve: () => true,
  release: () => undefined,
};
