/**
 * Building a table from pages at once: `sg_alloc_table_from_pages_segment` of lib/scatterlist.c.
 */
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoMemory } from '../../base/errors.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { SgAppendTable, sgAllocAppendTableFromPages, sgFreeAppendTable } from './append-table.ts';
import type { FromPagesOptions } from './append-table.ts';
import type { SgOptions } from '../list/sg-options.ts';
import type { SgTable } from '../list/sg-table.ts';

/**
 * Makes a table over pages. Pages with consecutive frame numbers and one device map share an entry.
 *
 * @linux sg_alloc_table_from_pages (7.2); with `maxSegmentBytes` as the segment form
 * @context any
 * @errors InvalidArgument for no pages, a segment smaller than a page, or (strict) pages that do not match the
 * size; NoMemory, after which nothing stays allocated
 * @differs strict: refuses a size that does not match the pages; Linux lets the remaining size wrap
 * @example
 * ```ts
 * const made = sgAllocTableFromPages(pages, { offset: 100, size: 9000 });
 * ```
 */
export function sgAllocTableFromPages<K extends MemoryKind>(
  pages: readonly Page<K>[],
  options: FromPagesOptions,
  how: SgOptions = {},
): Result<SgTable<K>, InvalidArgument | NoMemory> {
  const append = new SgAppendTable<K>(how);
  const made = sgAllocAppendTableFromPages(append, pages, options);
  if (made.ok) return ok(append.sgt);
  sgFreeAppendTable(append);
  return made;
}

/**
 * A table over pages with entries of at most `maxSegmentBytes`.
 *
 * @linux sg_alloc_table_from_pages_segment (7.2)
 * @context any
 * @errors those of `sgAllocTableFromPages`
 */
export function sgAllocTableFromPagesSegment<K extends MemoryKind>(
  pages: readonly Page<K>[],
  offset: number,
  size: number,
  maxSegmentBytes: number,
  how: SgOptions = {},
): Result<SgTable<K>, InvalidArgument | NoMemory> {
  return sgAllocTableFromPages(pages, { offset, size, maxSegmentBytes }, how);
}
