/**
 * linux/scatterlist.h: tables and lists that own memory.
 */
import { LIMITS } from '../../../machine/limits.ts';
import {
  SgAppendTable,
  sgAllocAppendTableFromPages,
  sgFreeAppendTable,
} from '../../../scatterlist/alloc/append-table.ts';
import { sgAllocTable, sgFreeTable } from '../../../scatterlist/alloc/alloc-table.ts';
import { sgAllocTableFromPages } from '../../../scatterlist/alloc/from-pages.ts';
import { sgAllocTableChained, sgFreeTableChained } from '../../../scatterlist/alloc/sg-pool.ts';
import { sglAllocOrder, sglFreeNOrder } from '../../../scatterlist/alloc/sgl-alloc.ts';
import type { SgPageSource } from '../../../scatterlist/alloc/sgl-alloc.ts';
import { SgArray } from '../../../scatterlist/list/sg-array.ts';
import { sgSplit } from '../../../scatterlist/list/sg-split.ts';
import { SgTable, mappedNents } from '../../../scatterlist/list/sg-table.ts';
import type { MemoryKind, Page } from '../../../machine/memory.ts';
import { readWord, writeWord } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import type { KernelFunction, KernelFunctions } from '../kernel-function.ts';
import { pageOf } from '../memory/page-pointer.ts';
import { freePages, maySleepFor, takePages } from '../memory/pages.ts';
import { MOST_IN_PAGE, entryOf, optionsFor, readTable, statusOf, writeTable } from './list-options.ts';
import { ListView } from './list-view.ts';

/** The arrays of a table of `sg_alloc_table`. */
const WHOLE_PAGES = { first: MOST_IN_PAGE, others: MOST_IN_PAGE } as const;
/** Where `struct sg_append_table` has `prv` and `total_nents`. */
const [PRV, TOTAL_NENTS] = [12, 16];

/** Pages of an array of `struct page *`. */
function pagesAt(c: Runner, pages: number, count: number): readonly Page[] {
  return Array.from({ length: count }, (_, i) => pageOf(c, readWord(c, pages + 4 * i)));
}

const fromPages: KernelFunction = (c, table, pages, count = 0, offset = 0, size = 0, most = 0, flags = 0) => {
  maySleepFor(c, flags, 'sg_alloc_table_from_pages');
  const view = new ListView();
  const options = { offset, size, maxSegmentBytes: most };
  const made = sgAllocTableFromPages(pagesAt(c, pages ?? 0, count), options, optionsFor(c, view));
  writeTable(c, view, table ?? 0, made.ok ? made.value : new SgTable());
  return statusOf(made);
};

function sourceOf(c: Runner, flags: number): SgPageSource<MemoryKind> {
  return {
    pageSize: c.context.machine.pageSize,
    allocate: (order) => {
      const pointer = takePages(c, flags, order);
      return pointer === 0 ? undefined : pageOf(c, pointer);
    },
    free: (page, order) => {
      freePages(c, page, order);
    },
  };
}

function allocateList(
  c: Runner,
  [lengthBytes, order, isChainable, flags, nents]: readonly [number, number, boolean, number, number],
): number {
  maySleepFor(c, flags, 'sgl_alloc');
  const view = new ListView();
  const how = { ...optionsFor(c, view), chainable: isChainable };
  const made = sglAllocOrder(lengthBytes, order, sourceOf(c, flags), how);
  view.write(c);
  if (nents !== 0) writeWord(c, nents, made.ok ? made.value.nents + (isChainable ? 1 : 0) : 0);
  return made.ok ? view.addressOf(made.value.sgl) : 0;
}

function freeList(c: Runner, sgl: number, nents: number, order: number): void {
  const view = new ListView();
  view.entryAt(c, sgl);
  sglFreeNOrder(entryOf(c, view, sgl), nents, order, sourceOf(c, 0), optionsFor(c, view));
}

/** Functions that allocate lists and free them. */
export const TABLES: KernelFunctions = {
  sg_alloc_table: (c, address, nents, flags) => {
    maySleepFor(c, flags, 'sg_alloc_table');
    const view = new ListView();
    const table = new SgTable();
    const made = sgAllocTable(nents, { ...optionsFor(c, view), table });
    writeTable(c, view, address, table);
    return statusOf(made);
  },
  sg_free_table: (c, address) => {
    const view = new ListView();
    const table = readTable(c, view, address, WHOLE_PAGES);
    sgFreeTable(table);
    writeTable(c, view, address, table);
  },
  sg_alloc_append_table_from_pages: (
    c,
    address,
    pages,
    count,
    offset,
    size,
    maxSegmentBytes,
    leftPages,
    flags = 0,
  ) => {
    maySleepFor(c, flags, 'sg_alloc_append_table_from_pages');
    const view = new ListView();
    const append = readAppend(c, view, address);
    const options = { offset, size, maxSegmentBytes, leftPages };
    const made = sgAllocAppendTableFromPages(append, pagesAt(c, pages, count), options);
    writeAppend(c, view, address, append);
    return statusOf(made);
  },
  sg_free_append_table: (c, address) => {
    const view = new ListView();
    const append = readAppend(c, view, address);
    sgFreeAppendTable(append);
    writeAppend(c, view, address, append);
  },
  sg_alloc_table_from_pages_segment: fromPages,
  sg_alloc_table_from_pages: (c, table, pages, count, offset, size, flags) =>
    fromPages(c, table, pages, count, offset, size, 2 ** 32 - 1, flags),
  sg_alloc_table_chained: (c, address, nents, first, nentsFirstChunk) => {
    const view = new ListView();
    const table = new SgTable();
    const firstChunk = first === 0 ? undefined : new SgArray(nentsFirstChunk);
    if (firstChunk !== undefined) view.place(firstChunk, first);
    const how = { ...optionsFor(c, view), table, ...(firstChunk !== undefined && { firstChunk }) };
    const made = sgAllocTableChained(nents | 0, how);
    writeTable(c, view, address, table);
    return statusOf(made);
  },
  sg_free_table_chained: (c, address, nentsFirstChunk) => {
    const view = new ListView();
    const others = LIMITS.sgChunkSize;
    const first = nentsFirstChunk > 1 ? nentsFirstChunk : others;
    const table = readTable(c, view, address, { first, others });
    sgFreeTableChained(table, nentsFirstChunk);
    writeTable(c, view, address, table);
  },
  sgl_alloc: (c, lengthBytes, flags, nents) => allocateList(c, [lengthBytes, 0, false, flags, nents]),
  sgl_alloc_order: (c, lengthBytes, order, isChainable, flags, nents) =>
    allocateList(c, [lengthBytes, order, isChainable !== 0, flags, nents]),
  sgl_free: (c, sgl) => {
    freeList(c, sgl, Number.MAX_SAFE_INTEGER, 0);
  },
  sgl_free_order: (c, sgl, order) => {
    freeList(c, sgl, Number.MAX_SAFE_INTEGER, order);
  },
  sgl_free_n_order: freeList,
  sg_split: (c, list, mapped, skip, parts, sizes, out, outMapped = 0, flags = 0) => {
    maySleepFor(c, flags, 'sg_split');
    const view = new ListView();
    const entry = view.entryAt(c, list, { dma: true });
    const wanted = Array.from({ length: parts }, (_, i) => readWord(c, sizes + 4 * i));
    const made = sgSplit(entry, mappedNents(mapped), skip | 0, wanted, optionsFor(c, view));
    view.write(c);
    for (const [i, part] of (made.ok ? made.value : []).entries()) {
      writeWord(c, out + 4 * i, view.addressOf(part.sgl));
      if (outMapped !== 0) writeWord(c, outMapped + 4 * i, part.mappedNents);
    }
    return statusOf(made);
  },
};

function readAppend(c: Runner, view: ListView, address: number): SgAppendTable {
  const append = new SgAppendTable(optionsFor(c, view));
  append.totalNents = readWord(c, address + TOTAL_NENTS);
  const table = readTable(c, view, address, { ...WHOLE_PAGES, entries: append.totalNents });
  append.sgt.sgl = table.sgl;
  append.sgt.nents = table.nents;
  append.sgt.origNents = table.origNents;
  append.prv = view.entryAt(c, readWord(c, address + PRV));
  return append;
}

function writeAppend(c: Runner, view: ListView, address: number, append: SgAppendTable): void {
  writeTable(c, view, address, append.sgt);
  writeWord(c, address + PRV, view.addressOf(append.prv));
  writeWord(c, address + TOTAL_NENTS, append.totalNents);
}
