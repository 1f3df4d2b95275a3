/**
 * `struct sg_table`: a list with its two counts.
 */
import type { MemoryKind } from '../../machine/memory.ts';
import type { SgEntry } from './sg-array.ts';
import { LinkWatch } from './link-watch.ts';
import type { SgOptions } from './sg-options.ts';

declare const count: unique symbol;

/** Entries as the CPU sees them (`orig_nents`). Not interchangeable with `MappedNents`. */
export type OrigNents = number & { readonly [count]: 'orig_nents' };
/** Segments as a device sees them after DMA mapping (`nents`). */
export type MappedNents = number & { readonly [count]: 'nents' };

/**
 * Names a count as CPU entries.
 *
 * @linux none
 */
export function origNents(n: number): OrigNents {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- branding is what this function is for
  return n as OrigNents;
}

/**
 * Names a count as device segments.
 *
 * @linux none
 */
export function mappedNents(n: number): MappedNents {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- branding is what this function is for
  return n as MappedNents;
}

/** A table over memory of kinds `K`. Iterating visits its CPU entries. */
export class SgTable<K extends MemoryKind = MemoryKind> implements Iterable<SgEntry<K>> {
  /** The first entry; `undefined` for a table that was freed. */
  sgl: SgEntry<K> | null = null;
  /** Device segments; equal to `origNents` until a device maps the table. */
  nents: MappedNents = mappedNents(0);
  /** CPU entries. */
  origNents: OrigNents = origNents(0);
  /** The options of its allocation, which freeing it needs. */
  how: SgOptions = {};

  /** Bytes of all CPU entries together. */
  get totalBytes(): number {
    let bytes = 0;
    for (const sg of this) bytes += sg.length;
    return bytes;
  }

  *[Symbol.iterator](): Iterator<SgEntry<K>> {
    const links = new LinkWatch(this.sgl, this.how);
    let sg = this.sgl;
    for (let left = this.origNents - 1; left >= 0 && sg !== null; left -= 1) {
      yield sg;
      sg = links.next(sg, left);
    }
  }
}
