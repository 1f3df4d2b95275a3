/**
 * Counting entries: `sg_nents` and its relatives of lib/scatterlist.c.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, OutOfRange } from '../../base/errors.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { isWhole } from '../../base/whole.ts';
import { invalidCount, isNents } from './check-count.ts';
import { LinkWatch } from './link-watch.ts';
import type { SgEntry } from './sg-array.ts';
import { sgDmaLen } from './sg-dma.ts';
import { checkWalkOptions, isStrict, report } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';
import type { MappedNents } from './sg-table.ts';

const MOST: number = Number.MAX_SAFE_INTEGER;

/**
 * Counts the entries from one on, to the end mark.
 *
 * @linux sg_nents (7.2)
 * @context any
 * @differs if links lead back, that is reported and each entry counts once; without a machine it throws a
 * RangeError. Linux never ends
 */
export function sgNents(sg: SgEntry | null, how: SgOptions = {}): number {
  checkWalkOptions('sgNents', how);
  const links = new LinkWatch(sg, how);
  let nents = 0;
  for (let entry = sg; entry !== null; entry = links.next(entry, Infinity)) nents += 1;
  return nents;
}

/**
 * The number of entries at the start of a list that hold `bytes` bytes; 0 for 0 bytes.
 *
 * @linux sg_nents_for_len (7.2)
 * @context any
 * @errors OutOfRange if the list is shorter (-EINVAL)
 * @differs as `sgNents` if links lead back: entries are not counted twice
 */
export function sgNentsForLen(
  sg: SgEntry | null,
  bytes: number | bigint,
  how: SgOptions = {},
): Result<number, OutOfRange> {
  checkWalkOptions('sgNentsForLen', how);
  const wantBytes = Number(bytes);
  if (wantBytes === 0) return ok(0);
  // An invalid count of bytes is treated as more than any list has, as -1 is in C.
  const isPossible = Number.isInteger(wantBytes) && wantBytes > 0;
  let nents = 0;
  let haveBytes = 0;
  const links = new LinkWatch(sg, how);
  for (let entry = sg; entry !== null; entry = links.next(entry, Infinity)) {
    nents += 1;
    haveBytes += entry.length;
    if (isPossible && haveBytes >= wantBytes) return ok(nents);
  }
  return err({ code: 'OutOfRange', haveBytes, wantBytes });
}

/**
 * The number of pieces of at most `mostBytes` into which a device's segments are cut.
 *
 * @linux sg_nents_for_dma (7.2; not in 6.1)
 * @context any
 * @errors InvalidArgument for pieces of no bytes, where Linux divides by zero, and for numbers that are no counts
 * @differs compatible: the rounding wraps at 64 bits and the sum at 32, as in C; strict: exact
 */
export function sgNentsForDma(
  sgl: SgEntry | null,
  nents: MappedNents,
  mostBytes: number | bigint,
  how: SgOptions = {},
): Result<number, InvalidArgument> {
  checkWalkOptions('sgNentsForDma', how);
  if (mostBytes < 1 || (typeof mostBytes === 'number' && !isWhole(mostBytes, MOST)))
    return invalidCount('mostBytes', Number(mostBytes), 1);
  if (!isNents(nents, how)) return invalidCount('nents', nents);
  const most = BigInt(mostBytes);
  const strict = isStrict(how);
  const links = new LinkWatch(sgl, how);
  let pieces = 0n;
  let sg = sgl;
  for (let left = nents - 1; left >= 0 && sg !== null; left -= 1) {
    const upTo = BigInt(sgDmaLen(sg)) + most - 1n;
    pieces += (strict ? upTo : BigInt.asUintN(64, upTo)) / most;
    sg = links.next(sg, left);
  }
  return ok(Number(strict ? pieces : BigInt.asIntN(32, pieces)));
}

/**
 * The last of `nents` entries, which must carry the end mark.
 *
 * @linux sg_last (7.2)
 * @context any
 * @errors InvalidArgument where it does not; a machine is told first, as Linux stops there (BUG)
 */
export function sgLast<K extends MemoryKind>(
  sgl: SgEntry<K> | null,
  nents: number,
  how: SgOptions = {},
): Result<SgEntry<K>, InvalidArgument> {
  checkWalkOptions('sgLast', how);
  if (!isNents(nents, how)) return invalidCount('nents', nents, 1);
  const links = new LinkWatch(sgl, how, 'end');
  let last: SgEntry<K> | null = null;
  let sg = sgl;
  for (let left = nents - 1; left >= 0; left -= 1) {
    last = sg;
    if (sg === null) break;
    sg = links.next(sg, left);
  }
  if (links.isEndless) return notEntries(nents, links.entries);
  if (last?.isLast === true) return ok(last);
  report(how, 'sg-not-last', `entry ${String(nents - 1)} of the list is not its last`, 'bug');
  const whole = new LinkWatch(sgl, {}, 'end');
  let have = 0;
  for (let entry = sgl; entry !== null; entry = whole.next(entry, Infinity)) have += 1;
  return notEntries(nents, have);
}

function notEntries(got: number, have: number): Result<never, InvalidArgument> {
  const expected = `the entries of the list (${String(have)})`;
  return err({ code: 'InvalidArgument', argument: 'nents', got, expected });
}
