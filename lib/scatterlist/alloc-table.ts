/**
 * Allocating tables: `sg_alloc_table` of lib/scatterlist.c.
 */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { InvalidArgument } from '../base/errors.ts';
import { LIMITS } from '../machine/limits.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { sgChain, sgMarkEnd } from './entry.ts';
import { SgArray } from './sg-array.ts';
import { SgTable, mappedNents, origNents } from './sg-table.ts';

/**
 * A table of `nents` empty entries, in chained arrays of at most a page each.
 *
 * @linux sg_alloc_table (7.2)
 * @context any
 * @errors InvalidArgument for no entries
 */
export function sgAllocTable<K extends MemoryKind>(nents: number): Result<SgTable<K>, InvalidArgument> {
  if (!Number.isInteger(nents) || nents < 1) {
    return err({ code: 'InvalidArgument', argument: 'nents', got: nents, expected: 'at least 1' });
  }
  const table = new SgTable<K>();
  let previous: SgArray<K> | undefined;
  for (let left = nents; left > 0;) {
    const chained = left > LIMITS.sgMaxSingleAlloc;
    const slots = chained ? LIMITS.sgMaxSingleAlloc : left;
    const array = new SgArray<K>(slots);
    if (previous === undefined) table.sgl = array.entry(0);
    else sgChain(previous, previous.slots, array.entry(0));
    left -= chained ? slots - 1 : slots;
    if (left === 0) sgMarkEnd(array.entry(slots - 1));
    previous = array;
  }
  table.nents = mappedNents(nents);
  table.origNents = origNents(nents);
  return ok(table);
}
