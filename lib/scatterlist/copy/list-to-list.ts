/**
 * Copy helpers for two lists: list to list, and compare. Users asked for them, but Linux does not have them.
 *
 * Each helper maps a part of both lists, works on the bytes and unmaps both, the second first, as local maps need it.
 * An error contains the number of bytes done before it.
 */
import { setBytes } from '../../base/bytes.ts';
import { checkOptions } from '../../base/options.ts';
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import type { ErrorsOf, MapBackend } from '../../mapping/backend.ts';
import type { Mapping } from '../../mapping/mapping.ts';
import { checkListRange } from '../list/check-skip.ts';
import type { SgList } from '../list/sg-list.ts';
import { mayPass } from './by-pieces.ts';
import { firstDifference } from './first-difference.ts';
import { visitPairs } from './pairs.ts';
import type { Visit } from './pairs.ts';
import { partly } from './partly-done.ts';
import type { PartlyDone, Walked } from './partly-done.ts';
import { cursorAt } from './walk.ts';

/** The result of a comparison: equal, or the first difference. */
export type Comparison = { readonly equal: true } | { readonly equal: false; readonly atByte: number };

/** Two ranges of equal length in two lists. */
export interface PairRange {
  readonly lengthBytes: number;
  readonly skipFirstBytes?: number;
  readonly skipSecondBytes?: number;
}

const PAIR_RANGE: Readonly<Record<keyof PairRange, 'number'>> = {
  lengthBytes: 'number',
  skipFirstBytes: 'number',
  skipSecondBytes: 'number',
};

interface PairBackends {
  readonly first: MapBackend;
  readonly second: MapBackend;
}

/** The work on each pair of parts. Both functions return the byte at which to stop, or -1 to go on. */
interface PairWork {
  readonly writesFirst: boolean;
  /** The work through two mappings. */
  readonly move: (first: Mapping, second: Mapping, lengthBytes: number) => number;
  /** The work on the bytes themselves, if the backend counts the pieces. */
  readonly visit: Visit;
}

/** The number of bytes done, and whether the work stopped there. */
interface PairsWalked {
  readonly bytes: number;
  readonly stopped: boolean;
}

function walkPairs(
  first: SgList<MemoryKind>,
  second: SgList<MemoryKind>,
  range: PairRange,
  backends: PairBackends,
  work: PairWork,
): Walked<PairsWalked> {
  const { machine } = backends.first.context;
  return machine.helper(() => {
    const { skipFirstBytes = 0, skipSecondBytes = 0, lengthBytes } = range;
    // A misspelt skip would copy wrong bytes. Direct machines are for speed and skip this check.
    if (machine.guard !== undefined) checkOptions('the range of two lists', range, PAIR_RANGE);
    checkListRange(first, backends.first, skipFirstBytes, lengthBytes);
    checkListRange(second, backends.second, skipSecondBytes, lengthBytes);
    let done = 0;
    if (backends.first === backends.second && mayPass(backends.first)) {
      // Written out, because V8 gives an object made by spreading a new shape each time, which costs microseconds.
      const fast = visitPairs(
        {
          outer: first,
          inner: second,
          skipOuterBytes: skipFirstBytes,
          skipInnerBytes: skipSecondBytes,
          lengthBytes,
          writes: work.writesFirst,
          visit: work.visit,
        },
        backends.first,
      );
      if (fast.ended) return ok({ bytes: fast.doneBytes, stopped: fast.stopped });
      done = fast.doneBytes;
    }
    const one = cursorAt(first, backends.first, skipFirstBytes + done);
    const two = cursorAt(second, backends.second, skipSecondBytes + done);
    if (one === undefined || two === undefined) return ok({ bytes: done, stopped: false });
    while (done < lengthBytes && one.load() && two.load()) {
      const part = Math.min(one.remaining, two.remaining, lengthBytes - done);
      const page = one.pageFor(part);
      const other = two.pageFor(part);
      const outer = backends.first.map(page, one.offset, part);
      if (!outer.ok) return partly(outer.error, done);
      const inner = backends.second.map(other, two.offset, part);
      if (!inner.ok) {
        backends.first.unmap(outer.value);
        return partly(inner.error, done);
      }
      const at = work.move(outer.value, inner.value, part);
      backends.second.unmap(inner.value);
      if (work.writesFirst) machine.flushDcachePage(page);
      backends.first.unmap(outer.value);
      one.consume(part);
      two.consume(part);
      if (at >= 0) return ok({ bytes: done + at, stopped: true });
      done += part;
    }
    return ok({ bytes: done, stopped: false });
  });
}

/**
 * Copies from one list to another, whatever their segment boundaries.
 *
 * @linux none; asked for as sgl_copy_sgl (2020), never merged
 * @context as the contracts of both backends say; does not sleep. Two mappings are live at a time.
 * @errors those of both backends, with the bytes done before; the value is the bytes copied
 */
export function sgCopyList<
  B extends MapBackend,
  K extends MemoryKind,
  K2 extends MemoryKind,
  B2 extends MapBackend = B,
>(
  to: SgList<K>,
  from: SgList<K2>,
  range: PairRange,
  toBackend: B,
  fromBackend?: B2,
): Result<number, PartlyDone<ErrorsOf<B, K> | ErrorsOf<B2, K2>>>;
export function sgCopyList(
  to: SgList<MemoryKind>,
  from: SgList<MemoryKind>,
  range: PairRange,
  toBackend: MapBackend,
  fromBackend: MapBackend = toBackend,
): Walked<number> {
  const scratch = new Scratch(toBackend);
  const walked = walkPairs(
    to,
    from,
    range,
    { first: toBackend, second: fromBackend },
    {
      writesFirst: true,
      move: (target, source, lengthBytes) => {
        const bytes = scratch.bytes(lengthBytes);
        source.copyTo(bytes);
        target.copyFrom(bytes);
        return -1;
      },
      visit: copyPart,
    },
  );
  return walked.ok ? ok(walked.value.bytes) : walked;
}

function copyPart(target: Uint8Array, source: Uint8Array): number {
  setBytes(target, source, 0);
  return -1;
}

/** A buffer that is made at first use and grows when needed. */
class Scratch {
  private readonly leastBytes: number;
  #buffer: Uint8Array | undefined = undefined;

  constructor({ context }: MapBackend) {
    this.leastBytes = context.machine.pageSize;
  }

  bytes(lengthBytes: number): Uint8Array {
    const buffer = this.#buffer;
    if (buffer !== undefined && buffer.length >= lengthBytes) return buffer.subarray(0, lengthBytes);
    this.#buffer = new Uint8Array(Math.max(lengthBytes, this.leastBytes));
    return this.#buffer.subarray(0, lengthBytes);
  }
}

/**
 * Compares two lists byte by byte.
 *
 * @linux none; asked for as sgl_compare_sgl (2020), never merged
 * @context as the contracts of both backends say; does not sleep. Two mappings are live at a time.
 * @errors those of both backends, with the bytes found equal before
 */
export function sgCompare<
  B extends MapBackend,
  K extends MemoryKind,
  K2 extends MemoryKind,
  B2 extends MapBackend = B,
>(
  first: SgList<K>,
  second: SgList<K2>,
  range: PairRange,
  firstBackend: B,
  secondBackend?: B2,
): Result<Comparison, PartlyDone<ErrorsOf<B, K> | ErrorsOf<B2, K2>>>;
export function sgCompare(
  first: SgList<MemoryKind>,
  second: SgList<MemoryKind>,
  range: PairRange,
  firstBackend: MapBackend,
  secondBackend: MapBackend = firstBackend,
): Walked<Comparison> {
  const [left, right] = [new Scratch(firstBackend), new Scratch(firstBackend)];
  const move = (a: Mapping, b: Mapping, lengthBytes: number): number => {
    const [one, two] = [left.bytes(lengthBytes), right.bytes(lengthBytes)];
    a.copyTo(one);
    b.copyTo(two);
    return firstDifference(one, two);
  };
  const walked = walkPairs(
    first,
    second,
    range,
    { first: firstBackend, second: secondBackend },
    { writesFirst: false, move, visit: firstDifference },
  );
  if (!walked.ok) return walked;
  const { bytes, stopped } = walked.value;
  return ok(stopped || bytes < range.lengthBytes ? { equal: false, atByte: bytes } : { equal: true });
}
