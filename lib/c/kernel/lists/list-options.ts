/**
 * How functions of lists work for C: on its machine, with memory of its kmalloc.
 */
import { errnoOf } from '../../../base/errno.ts';
import type { ErrnoCode } from '../../../base/errno.ts';
import type { ErrorOf } from '../../../base/errors.ts';
import type { Result } from '../../../base/result.ts';
import type { SgAllocator } from '../../../scatterlist/list/sg-allocator.ts';
import { SgArray } from '../../../scatterlist/list/sg-array.ts';
import type { SgEntry } from '../../../scatterlist/list/sg-array.ts';
import type { SgOptions } from '../../../scatterlist/list/sg-options.ts';
import { SgTable, mappedNents, origNents } from '../../../scatterlist/list/sg-table.ts';
import type { MemoryKind } from '../../../machine/memory.ts';
import { readWord, writeWord } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { worldOf } from '../../runtime/world.ts';
import { ENTRY_BYTES } from './list-view.ts';
import type { ListView } from './list-view.ts';

/** `SG_MAX_SINGLE_ALLOC`: entries that fit a page. */
export const MOST_IN_PAGE: number = Math.floor(4096 / ENTRY_BYTES);

/** Options for functions of lists that C calls; arrays that they allocate get a place in a view. */
export function optionsFor(c: Runner, view: ListView): SgOptions {
  return { machine: c.context.machine, allocator: heapOf(c, view), maxSingleAlloc: MOST_IN_PAGE };
}

function heapOf(c: Runner, view: ListView): SgAllocator {
  const { heap } = worldOf(c.context.machine);
  return {
    allocate: <K extends MemoryKind>(_: string, slots: number) => {
      const address = heap.allocate(c, slots * ENTRY_BYTES, true);
      if (address === 0) return undefined;
      const array = new SgArray<K>(slots);
      view.place(array, address);
      return array;
    },
    free: (_, array) => {
      heap.free(c, view.baseOf(array));
      view.forget(array);
    },
    reserve: () => true,
    release: () => undefined,
  };
}

/** An entry that C must give, and not NULL. */
export function entryOf(c: Runner, view: ListView, address: number): SgEntry {
  const entry = view.entryAt(c, address, { slots: 1 });
  if (entry !== null) return entry;
  c.context.machine.hardware.violate({
    rule: 'null-pointer',
    severity: 'bug',
    what: 'a NULL pointer is used as an entry of a list',
    context: c.context.state(),
  });
  throw new RangeError('a NULL pointer is used as an entry of a list');
}

/** Where the arrays of a table end: at the limits that it was allocated with, whatever is marked in them. */
export interface Chunks {
  readonly first: number;
  readonly others: number;
  /** Slots of the table that hold entries. Default: its `orig_nents`. */
  readonly entries?: number;
}

/** Reads a `struct sg_table`. With chunks the arrays are read as they were allocated, else as they are marked. */
export function readTable(c: Runner, view: ListView, address: number, chunks?: Chunks, dma = false): SgTable {
  const table = new SgTable();
  const sgl = readWord(c, address);
  const entries = readWord(c, address + 8);
  if (chunks !== undefined) readChunks(c, view, sgl, chunks.entries ?? entries, chunks);
  table.sgl = view.entryAt(c, sgl, { entries, dma });
  table.nents = mappedNents(readWord(c, address + 4));
  table.origNents = origNents(entries);
  table.how = optionsFor(c, view);
  return table;
}

function readChunks(c: Runner, view: ListView, sgl: number, entries: number, chunks: Chunks): void {
  let most = chunks.first;
  let base = sgl;
  for (let left = entries; left > 0 && base !== 0;) {
    const slots = Math.min(left, most);
    const isLast = left <= most;
    view.readArray(c, base, slots);
    base = isLast ? 0 : view.linkFrom(base + (slots - 1) * ENTRY_BYTES);
    left -= isLast ? slots : slots - 1;
    most = chunks.others;
  }
  view.join(c);
}

/** Writes a `struct sg_table`, and what changed of its arrays. */
export function writeTable(c: Runner, view: ListView, address: number, table: SgTable): void {
  view.write(c);
  writeWord(c, address, view.addressOf(table.sgl));
  writeWord(c, address + 4, table.nents);
  writeWord(c, address + 8, table.origNents);
}

/** The number that Linux returns. */
export function statusOf(result: Result<unknown, ErrorOf<ErrnoCode>>): number {
  return result.ok ? 0 : errnoOf(result.error);
}
