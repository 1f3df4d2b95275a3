/**
 * Single-page vectors of block I/O: `struct bio_vec` and its copy helpers.
 */
import { MOST_32 } from '../../base/whole.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { mapLocal } from '../highmem/kmap-local.ts';
import type { Context } from '../core/machine.ts';
import { openDirect } from '../highmem/page-address.ts';
import { memcpyFromPage, memcpyToPage, memzeroPage } from './page-copy.ts';
import type { RamWindow } from '../window/ram-window.ts';

/** `struct bio_vec`: bytes of a page. */
export interface BioVec<K extends MemoryKind = MemoryKind> {
  readonly page: Page<K>;
  readonly offset: number;
  readonly length: number;
}

function checkVector(context: Context, { offset, length }: BioVec): void {
  const { hardware } = context.machine;
  hardware.checkNumber(context, 'offset', offset, MOST_32);
  hardware.checkNumber(context, 'length', length, MOST_32);
}

/**
 * Maps the bytes of a vector, up to the end of its page.
 *
 * @linux bvec_kmap_local (7.2)
 * @context any; does not sleep
 * @differs the window ends with the vector or its page; Linux returns an address without an end
 */
export function bvecKmapLocal(context: Context, vector: BioVec): RamWindow {
  checkVector(context, vector);
  const { page, offset, length } = vector;
  return mapLocal(context, page, offset, Math.max(Math.min(length, context.machine.pageSize - offset), 0));
}

/**
 * The bytes of a vector at the permanent address of its page; `undefined` for a highmem page.
 *
 * @linux bvec_virt (7.2)
 * @context any; does not sleep
 * @differs returns `undefined` for a highmem page; Linux computes a meaningless address
 */
export function bvecVirt(context: Context, vector: BioVec): RamWindow | undefined {
  checkVector(context, vector);
  return openDirect(context, vector.page, vector.offset, vector.length);
}

/**
 * Fills an array with the bytes of a vector.
 *
 * @linux memcpy_from_bvec (7.2)
 * @context any; does not sleep
 */
export function memcpyFromBvec(context: Context, to: Uint8Array, vector: BioVec): void {
  checkVector(context, vector);
  memcpyFromPage(context, to.subarray(0, vector.length), vector.page, vector.offset);
}

/**
 * Fills a vector with the bytes of an array.
 *
 * @linux memcpy_to_bvec (7.2)
 * @context any; does not sleep
 */
export function memcpyToBvec(context: Context, vector: BioVec, from: Uint8Array): void {
  checkVector(context, vector);
  memcpyToPage(context, vector.page, vector.offset, from.subarray(0, vector.length));
}

/**
 * Zeroes the bytes of a vector.
 *
 * @linux memzero_bvec (7.2)
 * @context any; does not sleep
 */
export function memzeroBvec(context: Context, vector: BioVec): void {
  checkVector(context, vector);
  memzeroPage(context, vector.page, vector.offset, vector.length);
}
