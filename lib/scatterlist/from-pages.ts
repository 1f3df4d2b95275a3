/**
 * Building a table from pages: `sg_alloc_table_from_pages_segment` of lib/scatterlist.c.
 */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { InvalidArgument } from '../base/errors.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import { sgAllocTable } from './alloc-table.ts';
import { sgNext, sgSetPage } from './entry.ts';
import type { SgTable } from './sg-table.ts';

/** Which bytes of the pages, and how large an entry may get. */
export interface FromPagesOptions {
  /** Offset of the first byte in the first page. Default 0. */
  readonly offset?: number;
  /** Bytes of the whole table. */
  readonly size: number;
  /** Most bytes of an entry, rounded down to whole pages. Default: 32-bit, rounded down. */
  readonly maxSegmentBytes?: number;
}

/**
 * A table over pages; neighbours of one device map with following frame numbers share an entry.
 *
 * @linux sg_alloc_table_from_pages_segment (7.2)
 * @context any
 * @errors InvalidArgument for no pages, a segment smaller than a page, or pages that do not match the size
 * @differs refuses a size that does not match the pages; Linux lets the remaining size wrap
 */
export function sgAllocTableFromPages<K extends MemoryKind>(
  pages: readonly Page<K>[],
  options: FromPagesOptions,
): Result<SgTable<K>, InvalidArgument> {
  const [first] = pages;
  const { offset = 0, size } = options;
  if (first === undefined)
    return err({ code: 'InvalidArgument', argument: 'pages', got: 0, expected: 'at least 1' });
  const pageSize = first.zone.memory.pageSize;
  const most = Math.floor((options.maxSegmentBytes ?? 2 ** 32 - 1) / pageSize);
  if (most < 1) {
    return err({
      code: 'InvalidArgument',
      argument: 'maxSegmentBytes',
      got: options.maxSegmentBytes ?? 0,
      expected: `at least a page (${String(pageSize)})`,
    });
  }
  const room = pages.length * pageSize;
  if (
    offset < 0 ||
    offset >= pageSize ||
    size < 1 ||
    offset + size > room ||
    offset + size <= room - pageSize
  ) {
    return err({
      code: 'InvalidArgument',
      argument: 'size',
      got: size,
      expected: `offset ${String(offset)} plus size to end in the last of ${String(pages.length)} pages (${String(room - pageSize + 1)} to ${String(room)} bytes)`,
    });
  }
  const starts = segmentStarts(pages, most);
  const table = sgAllocTable<K>(starts.length);
  if (!table.ok) return table;
  let sg = table.value.sgl;
  let left = size;
  for (const [i, start] of starts.entries()) {
    const page = pages[start];
    if (sg === null || page === undefined) break;
    const inPage = i === 0 ? offset : 0;
    const runBytes = ((starts[i + 1] ?? pages.length) - start) * pageSize - inPage;
    const length = Math.min(left, runBytes);
    sgSetPage(sg, page, length, inPage);
    left -= length;
    sg = sgNext(sg);
  }
  return ok(table.value);
}

function segmentStarts(pages: readonly Page[], mostPages: number): readonly number[] {
  const starts: number[] = [];
  let start = 0;
  for (let i = 0; i < pages.length; i += 1) {
    const page = pages[i];
    const previous = pages[i - 1];
    const joins =
      page !== undefined && previous?.pfn === page.pfn - 1 && previous.zone.pageMapId === page.zone.pageMapId;
    if (i === 0 || !joins || i - start >= mostPages) {
      starts.push(i);
      start = i;
    }
  }
  return starts;
}
