/**
 * `extract_iter_to_sg` of lib/scatterlist.c: the pages behind an iterator, as entries.
 */
import { checkOptions } from '../../base/options.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NotSupported } from '../../base/errors.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { setCounts } from './alloc-table.ts';
import { invalidCount, isCount } from '../list/check-count.ts';
import { setSlot, sgMarkEnd, sgUnmarkEnd } from '../list/entry.ts';
import { iovIterExtractWillPin } from './iov-iter.ts';
import type { IovIter } from './iov-iter.ts';
import { checkSgOptions, isStrict, report, semanticsOf } from '../list/sg-options.ts';
import type { SgOptions } from '../list/sg-options.ts';
import { mappedNents } from '../list/sg-table.ts';
import type { SgTable } from '../list/sg-table.ts';

/** The limits of an extraction. */
export interface ExtractLimits {
  readonly maxBytes: number;
  /** The greatest number of entries to fill. */
  readonly maxEntries: number;
}

/**
 * Adds the bytes of an iterator to the free entries of a table's first array, and advances the iterator by them.
 * Returns the number of bytes.
 *
 * User pages are pinned: call `iovIterExtractWillPin` before, and `unpinUserPage` for each entry's page afterwards.
 *
 * @linux extract_iter_to_sg (7.2; not in 6.1)
 * @context task for user pages; any for the others
 * @errors NotSupported for a discard iterator (-EIO), of which a machine is told; InvalidArgument for numbers
 * that are no counts, and where the array has fewer free slots than `maxEntries`, which Linux overruns
 * @differs strict: both counts follow and the end is marked. Linux, and compatible mode, count in `nents` only and
 * mark nothing
 */
export function extractIterToSg<K extends MemoryKind>(
  iter: IovIter<K>,
  table: SgTable<K>,
  limits: ExtractLimits,
  how: SgOptions = table.how,
): Result<number, InvalidArgument | NotSupported> {
  checkOptions('extractIterToSg', limits, { maxBytes: 'number', maxEntries: 'number' });
  if (how !== table.how) checkSgOptions('extractIterToSg', how);
  const { maxBytes, maxEntries } = limits;
  if (!isCount(maxBytes, how)) return invalidCount('maxBytes', maxBytes);
  if (!isCount(maxEntries, how)) return invalidCount('maxEntries', maxEntries);
  if (maxBytes === 0 || maxEntries === 0) return ok(0);
  if (iter.kind === 'discard') {
    report(how, 'sg-discard-iterator', `extracting ${String(maxBytes)} bytes from a discard iterator`);
    return err({ code: 'NotSupported', operation: 'extracting pages from a discard iterator' });
  }
  const { sgl } = table;
  const free = sgl === null ? 0 : sgl.array.slots - sgl.slot - table.nents;
  if (sgl === null || maxEntries > free) {
    return err({
      code: 'InvalidArgument',
      argument: 'maxEntries',
      got: maxEntries,
      expected: `at most the ${String(free)} free slots of the array`,
    });
  }
  const { array } = sgl;
  const start = sgl.slot + table.nents;
  const end = start + maxEntries;
  const pinning = iovIterExtractWillPin(iter);
  let slot = start;
  let bytes = 0;
  for (let run = iter.current; run !== undefined && slot < end && bytes < maxBytes; run = iter.current) {
    const length = Math.min(run.length, maxBytes - bytes);
    setSlot(array, slot, run.page, length, run.offset, semanticsOf(how));
    if (pinning) iter.pins.set(run.page, (iter.pins.get(run.page) ?? 0) + 1);
    iter.advance(length);
    bytes += length;
    slot += 1;
  }
  table.nents = mappedNents(slot - sgl.slot);
  if (slot > start && isStrict(how)) {
    setCounts(table, table.nents);
    if (start > sgl.slot) sgUnmarkEnd(array.entry(start - 1));
    sgMarkEnd(array.entry(slot - 1));
  }
  return ok(bytes);
}
