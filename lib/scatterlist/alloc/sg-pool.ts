/**
 * Tables from the pools of lib/sg_pool.c: arrays of 8 to 128 slots, and an inline first one of the caller.
 */
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoMemory } from '../../base/errors.ts';
import { MOST_32, isWhole } from '../../base/whole.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { LIMITS } from '../../machine/limits.ts';
import { __sgAllocTable, __sgFreeTable, setCounts } from './alloc-table.ts';
import type { SgChunks, SgTableOptions } from './alloc-table.ts';
import { checkCount, invalidCount } from '../list/check-count.ts';
import { sgInitMarker } from '../list/entry.ts';
import type { SgArray } from '../list/sg-array.ts';
import { checkSgOptions, checkWalkOptions, allocatorOf, isStrict, report } from '../list/sg-options.ts';
import type { SgOptions } from '../list/sg-options.ts';
import { SgTable } from '../list/sg-table.ts';

/** Options of a pool table. */
export interface SgPoolOptions<K extends MemoryKind> extends SgTableOptions<K> {
  /** The caller's inline array. It is used if it has more than one slot, or one slot for one entry. */
  readonly firstChunk?: SgArray<K> | undefined;
  /** Number of its slots. Default: all. */
  readonly nentsFirstChunk?: number;
}

const SMALLEST_POOL = 8;

function poolChunks(how: SgOptions): SgChunks {
  const allocator = allocatorOf(how);
  return {
    allocate: (slots) => allocator.allocate('pool', poolSize(slots)),
    free: (array, slots) => {
      allocator.free('pool', array, slots);
    },
  };
}

function poolSize(slots: number): number {
  let size = SMALLEST_POOL;
  while (size < slots) size *= 2;
  return size;
}

/**
 * A table of `nents` entries, the first of them in the caller's own array if it has one.
 *
 * @linux sg_alloc_table_chained (7.2)
 * @context any; the pools are emergency memory, nothing waits
 * @errors NoMemory; InvalidArgument for no entries, where Linux stops (BUG) and a machine is told first
 * @differs compatible: a failure in the array behind the caller's own leaves the table pointing at that one
 */
export function sgAllocTableChained<K extends MemoryKind>(
  nents: number,
  how: SgPoolOptions<K> = {},
): Result<SgTable<K>, InvalidArgument | NoMemory> {
  checkSgOptions('sgAllocTableChained', how, {
    table: 'object',
    firstChunk: 'object',
    nentsFirstChunk: 'number',
  });
  if (nents < 1) {
    report(how, 'sg-no-entries', 'sgAllocTableChained of no entries', 'bug');
    return invalidCount('nents', nents, 1, MOST_32);
  }
  if (!isWhole(nents, MOST_32)) return invalidCount('nents', nents, 1, MOST_32);
  const { firstChunk } = how;
  const table = how.table ?? new SgTable<K>();
  table.how = how;
  const own = firstChunk === undefined ? 0 : (how.nentsFirstChunk ?? firstChunk.slots);
  if (!isWhole(own, firstChunk?.slots ?? 0))
    return invalidCount('nentsFirstChunk', own, 0, firstChunk?.slots ?? 0);
  if (firstChunk !== undefined && nents <= own) {
    firstChunk.clear(nents);
    sgInitMarker(firstChunk, nents);
    table.sgl = firstChunk.entry(0);
    setCounts(table, nents);
    return ok(table);
  }
  // An array of one slot would have only the link and no entry.
  const nentsFirstChunk = own <= 1 ? 0 : own;
  const made = __sgAllocTable(table, nents, LIMITS.sgChunkSize, {
    ...how,
    firstChunk: nentsFirstChunk === 0 ? undefined : firstChunk,
    nentsFirstChunk,
    chunks: poolChunks(how),
  });
  if (made.ok) return ok(table);
  sgFreeTableChained(table, nentsFirstChunk);
  return made;
}

/**
 * Gives back the arrays of a pool table, all but the caller's own.
 *
 * @linux sg_free_table_chained (7.2)
 * @context any
 * @differs strict: the table is empty afterwards; Linux leaves the counts, and the list where it all lay in the
 * caller's own array
 */
export function sgFreeTableChained(
  table: SgTable,
  nentsFirstChunk: number,
  how: SgOptions = table.how,
): void {
  checkWalkOptions('sgFreeTableChained', how);
  checkCount(how, 'nentsFirstChunk', nentsFirstChunk, MOST_32);
  if (table.origNents > nentsFirstChunk) {
    const own = nentsFirstChunk === 1 ? 0 : nentsFirstChunk;
    __sgFreeTable(table, LIMITS.sgChunkSize, own, table.origNents, poolChunks(how));
  }
  if (!isStrict(how)) return;
  table.sgl = null;
  setCounts(table, 0);
}
