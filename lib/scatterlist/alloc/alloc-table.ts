/**
 * Allocating tables: `sg_alloc_table` and its general form, of lib/scatterlist.c.
 */
import { done, err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoMemory } from '../../base/errors.ts';
import { MOST_32, isWhole, requireWhole } from '../../base/whole.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { invalidCount } from '../list/check-count.ts';
import { sgChain, sgInitMarker } from '../list/entry.ts';
import type { SgAllocator, SgMemory } from '../list/sg-allocator.ts';
import { MOST_SLOTS } from '../list/sg-array.ts';
import type { SgArray, SgEntry } from '../list/sg-array.ts';
import {
  checkSgOptions,
  checkWalkOptions,
  allocatorOf,
  isStrict,
  maxSingleAllocOf,
} from '../list/sg-options.ts';
import type { SgOptions } from '../list/sg-options.ts';
import { SgTable, mappedNents, origNents } from '../list/sg-table.ts';

/** The functions that allocate and free the arrays of a table: `sg_alloc_fn` and `sg_free_fn`. */
export interface SgChunks {
  allocate<K extends MemoryKind>(slots: number): SgArray<K> | undefined;
  free(array: SgArray, slots: number): void;
}

/** Options of the general form. */
export interface SgChunkOptions<K extends MemoryKind> extends SgOptions {
  /** The caller's own first array. */
  readonly firstChunk?: SgArray<K> | undefined;
  /** Slots of the first array, 0 without one. */
  readonly nentsFirstChunk?: number;
  /** Default: pages for arrays of the largest size, kmalloc for others. */
  readonly chunks?: SgChunks;
}

/** Options of functions that fill a table. */
export interface SgTableOptions<K extends MemoryKind> extends SgOptions {
  /** The table to fill; default a new one. With it, the caller can see the table after a failure. */
  readonly table?: SgTable<K> | undefined;
}

/** `sg_kmalloc` and `sg_kfree`: a whole page comes from the page allocator. */
export function kmallocChunks(allocator: SgAllocator, maxSingleAlloc: number): SgChunks {
  const memory = (slots: number): SgMemory => (slots === maxSingleAlloc ? 'page' : 'kmalloc');
  return {
    allocate: (slots) => allocator.allocate(memory(slots), slots),
    free: (array, slots) => {
      allocator.free(memory(slots), array, slots);
    },
  };
}

function chunksOf<K extends MemoryKind>(how: SgChunkOptions<K>): SgChunks {
  return how.chunks ?? kmallocChunks(allocatorOf(how), maxSingleAllocOf(how));
}

/** Sets both counts, which are equal until a device maps the table. */
export function setCounts(table: SgTable, nents: number): void {
  table.nents = mappedNents(nents);
  table.origNents = origNents(nents);
}

/**
 * Fills a table with `nents` empty entries, in chained arrays of at most `maxEnts` slots.
 *
 * @linux __sg_alloc_table (7.2)
 * @context any
 * @errors InvalidArgument for no entries, or arrays of less than two slots; NoMemory, also for more entries than the
 * host could hold
 * @differs after a failure, strict: what was allocated is given back and the table is empty; compatible: the
 * arrays so far stay, and the counts are such that `__sgFreeTable` frees them
 */
export function __sgAllocTable<K extends MemoryKind>(
  table: SgTable<K>,
  nents: number,
  maxEnts: number,
  how: SgChunkOptions<K> = {},
): Result<undefined, InvalidArgument | NoMemory> {
  checkWalkOptions('__sgAllocTable', how);
  const chunks = chunksOf(how);
  table.sgl = null;
  setCounts(table, 0);
  const firstSlots = how.nentsFirstChunk ?? 0;
  // An array of one slot has only the link and no entry, so Linux would allocate such arrays for ever.
  const leastEnts = nents > 1 ? 2 : 1;
  const mostFirst = how.firstChunk?.slots ?? MOST_32;
  if (!isWhole(nents, MOST_32) || nents < 1) return invalidCount('nents', nents, 1, MOST_32);
  if (!isWhole(maxEnts, MOST_32) || maxEnts < leastEnts)
    return invalidCount('maxEnts', maxEnts, leastEnts, MOST_32);
  if (!isWhole(firstSlots, mostFirst)) return invalidCount('nentsFirstChunk', firstSlots, 0, mostFirst);
  // Refused before anything is allocated, because the arrays of such a table would fill the host's memory.
  if (nents > MOST_SLOTS) return err({ code: 'NoMemory', wanted: nents, available: MOST_SLOTS });
  let most = firstSlots === 0 ? maxEnts : firstSlots;
  let given = how.firstChunk;
  let previous: SgArray<K> | undefined;
  let previousSlots = 0;
  for (let left = nents; left > 0;) {
    // The last slot of an array that is not the last one is its link.
    const slots = Math.min(left, most);
    const held = left > most ? slots - 1 : slots;
    const array = given ?? chunks.allocate<K>(slots);
    if (array === undefined) {
      // The slot kept for a link counts as an entry now, or the free walk would look for one more array.
      if (previous !== undefined) setCounts(table, table.origNents + 1);
      const available = nents - left;
      if (isStrict(how)) {
        __sgFreeTable(table, maxEnts, firstSlots, table.origNents, chunks);
        setCounts(table, 0);
      }
      return err({ code: 'NoMemory', wanted: nents, available });
    }
    given?.clear(slots);
    given = undefined;
    sgInitMarker(array, slots);
    setCounts(table, table.origNents + held);
    if (previous === undefined) table.sgl = array.entry(0);
    else sgChain(previous, previousSlots, array.entry(0), how);
    previous = array;
    previousSlots = slots;
    left -= held;
    most = maxEnts;
  }
  return done;
}

/**
 * Frees the arrays of a table, except the caller's own first one.
 *
 * @linux __sg_free_table (7.2)
 * @context any
 * @differs each array is freed once, even if links lead back to it
 */
export function __sgFreeTable(
  table: SgTable,
  maxEnts: number,
  nentsFirstChunk: number,
  numEnts: number,
  chunks: SgChunks,
): void {
  requireWhole('maxEnts', maxEnts, 1, MOST_32);
  requireWhole('nentsFirstChunk', nentsFirstChunk, 0, MOST_32);
  requireWhole('numEnts', numEnts);
  let sg: SgEntry | null = table.sgl;
  if (sg === null) return;
  let most = nentsFirstChunk === 0 ? maxEnts : nentsFirstChunk;
  let callersOwn = nentsFirstChunk !== 0;
  const seen = new Set<SgArray>();
  for (let left = numEnts; left > 0 && sg !== null;) {
    const { array }: SgEntry = sg;
    if (seen.has(array)) break;
    seen.add(array);
    const slots = Math.min(left, most);
    const chained = left > most;
    if (!callersOwn) chunks.free(array, slots);
    sg = chained ? (array.linkAt(slots - 1) ?? null) : null;
    left -= chained ? slots - 1 : slots;
    callersOwn = false;
    most = maxEnts;
  }
  table.sgl = null;
}

/**
 * A table of `nents` empty entries, in chained arrays of at most a page each.
 *
 * @linux sg_alloc_table (7.2)
 * @context any
 * @errors InvalidArgument for no entries; NoMemory, after which nothing stays allocated
 * @example
 * ```ts
 * const made = sgAllocTable<'highmem'>(1000);
 * if (made.ok) sgFreeTable(made.value);
 * ```
 */
export function sgAllocTable<K extends MemoryKind>(
  nents: number,
  how: SgTableOptions<K> = {},
): Result<SgTable<K>, InvalidArgument | NoMemory> {
  checkSgOptions('sgAllocTable', how, { table: 'object' });
  const table = how.table ?? new SgTable<K>();
  table.how = how;
  const made = __sgAllocTable(table, nents, maxSingleAllocOf(how), how);
  if (made.ok) return ok(table);
  sgFreeTable(table);
  return made;
}

/**
 * Frees the arrays of a table. A second call has no effect.
 *
 * @linux sg_free_table (7.2)
 * @context any
 * @differs strict: both counts are zero afterwards; Linux, and compatible mode, leave them stale
 */
export function sgFreeTable(table: SgTable, how: SgOptions = table.how): void {
  checkWalkOptions('sgFreeTable', how);
  freeEntries(table, table.origNents, how);
}

/** `sgFreeTable` of a table that holds more slots than entries. */
export function freeEntries(table: SgTable, slots: number, how: SgOptions): void {
  __sgFreeTable(table, maxSingleAllocOf(how), 0, slots, chunksOf(how));
  if (isStrict(how)) setCounts(table, 0);
}
