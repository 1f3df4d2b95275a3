/**
 * Copy helpers: `sg_copy_to_buffer` and its family, and what users asked Linux for in vain: list to
 * list, compare, fill.
 *
 * Each works page by page through a backend: map, move the bytes, unmap. A failure names how many bytes
 * were done before it; those are done completely and nothing behind them was touched.
 */
import { setBytes } from '../base/bytes.ts';
import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { ErrorsOf, MapBackend } from '../mapping/backend.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { bulkCopy, bulkFill, canBulkCopy, canBulkCopyWith, isWorthCutting } from './bulk-copy.ts';
import { checkListRange } from './check-skip.ts';
import { firstDifference } from './first-difference.ts';
import { visitPairs } from './pair-copy.ts';
import { partly } from './partly-done.ts';
import type { PartlyDone, Walked } from './partly-done.ts';
import { SgCursor } from './sg-cursor.ts';
import type { SgList } from './sg-list.ts';

interface WalkRange {
  readonly lengthBytes: number;
  readonly skipBytes: number;
  readonly writes: boolean;
}

type Move = (mapping: Mapping, lengthBytes: number, doneBytes: number) => void;

/** A cursor behind `skipBytes` of the list; nothing where the list ends before. */
function cursorAt(list: SgList<MemoryKind>, backend: MapBackend, skipBytes: number): SgCursor | undefined {
  const { machine } = backend.context;
  const cursor = new SgCursor(list.sgl, list.origNents, {
    machine,
    pageSize: machine.pageSize,
    strict: machine.config.semantics === 'strict',
    wholeEntries: backend.contract.contiguous,
    asker: { name: 'list copy', context: backend.context },
  });
  return cursor.skip(skipBytes) ? cursor : undefined;
}

function walk(list: SgList<MemoryKind>, backend: MapBackend, range: WalkRange, move: Move): Walked<number> {
  return backend.context.machine.helper(() => walkPages(list, backend, range, move));
}

function walkPages(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  range: WalkRange,
  move: Move,
): Walked<number> {
  checkListRange(list, backend, range.skipBytes, range.lengthBytes);
  const cursor = cursorAt(list, backend, range.skipBytes);
  if (cursor === undefined) return ok(0);
  let done = 0;
  while (done < range.lengthBytes && cursor.load()) {
    const part = Math.min(cursor.remaining, range.lengthBytes - done);
    const page = cursor.pageFor(part);
    const mapped = backend.map(page, cursor.offset, part);
    if (!mapped.ok) return partly(mapped.error, done);
    move(mapped.value, part, done);
    if (range.writes) backend.context.machine.flushDcachePage(page);
    backend.unmap(mapped.value);
    cursor.consume(part);
    done += part;
  }
  return ok(done);
}

/**
 * Copies a list into a buffer, as far as the shorter reaches.
 *
 * @linux sg_copy_to_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgCopyToBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgCopyToBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
): Walked<number> {
  return copyToBuffer(list, buffer, backend, 0);
}

/**
 * Copies a list into a buffer from `skipBytes` of the list on; 0 where the list ends before.
 *
 * @linux sg_pcopy_to_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgPcopyToBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
  skipBytes: number,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgPcopyToBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
): Walked<number> {
  return copyToBuffer(list, buffer, backend, skipBytes);
}

function copyToBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
): Walked<number> {
  if (canBulkCopyWith(buffer, backend) && isWorthCutting(list, skipBytes + buffer.length, backend)) {
    const copied = bulkCopy(list, buffer, backend, { skipBytes, toBuffer: true });
    if (copied !== undefined) return copied;
  }
  return walk(
    list,
    backend,
    { lengthBytes: buffer.length, skipBytes, writes: false },
    (mapping, lengthBytes, done) => {
      mapping.copyTo(buffer.subarray(done, done + lengthBytes));
    },
  );
}

/**
 * Copies a buffer into a list, as far as the shorter reaches.
 *
 * @linux sg_copy_from_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgCopyFromBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgCopyFromBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
): Walked<number> {
  return copyFromBuffer(list, buffer, backend, 0);
}

/**
 * Copies a buffer into a list from `skipBytes` of the list on; 0 where the list ends before.
 *
 * @linux sg_pcopy_from_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgPcopyFromBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
  skipBytes: number,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgPcopyFromBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
): Walked<number> {
  return copyFromBuffer(list, buffer, backend, skipBytes);
}

function copyFromBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
): Walked<number> {
  if (canBulkCopyWith(buffer, backend) && isWorthCutting(list, skipBytes + buffer.length, backend)) {
    const copied = bulkCopy(list, buffer, backend, { skipBytes, toBuffer: false });
    if (copied !== undefined) return copied;
  }
  return walk(
    list,
    backend,
    { lengthBytes: buffer.length, skipBytes, writes: true },
    (mapping, lengthBytes, done) => {
      mapping.copyFrom(buffer.subarray(done, done + lengthBytes));
    },
  );
}

/**
 * Zeroes `lengthBytes` of a list, Infinity for all, from `skipBytes` on; 0 where the list ends before.
 *
 * @linux sg_zero_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes zeroed
 */
export function sgZeroBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  lengthBytes: number,
  backend: B,
  skipBytes?: number,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgZeroBuffer(
  list: SgList<MemoryKind>,
  lengthBytes: number,
  backend: MapBackend,
  skipBytes = 0,
): Walked<number> {
  return fill(list, 0, { lengthBytes, skipBytes }, backend);
}

/**
 * Sets `lengthBytes` of a list, Infinity for all, from `skipBytes` on to one value, of which the low 8 bits count.
 *
 * @linux none; asked for as sgl_memset (2020), never merged
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes set
 */
export function sgFill<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  value: number,
  range: { readonly lengthBytes: number; readonly skipBytes?: number },
  backend: B,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgFill(
  list: SgList<MemoryKind>,
  value: number,
  range: { readonly lengthBytes: number; readonly skipBytes?: number },
  backend: MapBackend,
): Walked<number> {
  return fill(list, value, { lengthBytes: range.lengthBytes, skipBytes: range.skipBytes ?? 0 }, backend);
}

function fill(
  list: SgList<MemoryKind>,
  value: number,
  range: { readonly lengthBytes: number; readonly skipBytes: number },
  backend: MapBackend,
): Walked<number> {
  // Infinity stands for all there is.
  const lengthBytes = range.lengthBytes === Infinity ? Number.MAX_SAFE_INTEGER : range.lengthBytes;
  const { skipBytes } = range;
  const filled = canBulkCopy(backend)
    ? bulkFill(list, value, backend, { lengthBytes, skipBytes })
    : undefined;
  if (filled !== undefined) return filled;
  return walk(list, backend, { lengthBytes, skipBytes, writes: true }, (mapping, part) => {
    mapping.fill(value, 0, part);
  });
}

/** Where the bytes of two lists differ first, or that they do not. */
export type Comparison = { readonly equal: true } | { readonly equal: false; readonly atByte: number };

/** Two ranges of equal length in two lists. */
export interface PairRange {
  readonly lengthBytes: number;
  readonly skipFirstBytes?: number;
  readonly skipSecondBytes?: number;
}

interface PairBackends {
  readonly first: MapBackend;
  readonly second: MapBackend;
  readonly writesFirst: boolean;
}

/** What is done with each pair of pieces; both answer whether to go on. */
interface PairWork {
  /** Through two mappings. */
  readonly move: (first: Mapping, second: Mapping, lengthBytes: number) => boolean;
  /** On the bytes themselves, where nobody watches. */
  readonly visit: (first: Uint8Array, second: Uint8Array) => boolean;
}

function canVisitPairs({ first, second }: PairBackends): boolean {
  return first === second && first.transferPairs !== undefined && canBulkCopy(first);
}

// Both chunks are mapped second-in first-out, so that the pair is right for local maps too.
function walkPair(
  first: SgList<MemoryKind>,
  second: SgList<MemoryKind>,
  range: PairRange,
  backends: PairBackends,
  work: PairWork,
): Walked<number> {
  return backends.first.context.machine.helper(() => walkPairPages(first, second, range, backends, work));
}

function walkPairPages(
  first: SgList<MemoryKind>,
  second: SgList<MemoryKind>,
  range: PairRange,
  backends: PairBackends,
  work: PairWork,
): Walked<number> {
  const { skipFirstBytes = 0, skipSecondBytes = 0, lengthBytes } = range;
  checkListRange(first, backends.first, skipFirstBytes, lengthBytes);
  checkListRange(second, backends.second, skipSecondBytes, lengthBytes);
  let done = 0;
  if (canVisitPairs(backends)) {
    // Written out: spread, such an object has a shape of its own each time, and costs microseconds.
    const fast = visitPairs(
      {
        outer: first,
        inner: second,
        skipOuterBytes: skipFirstBytes,
        skipInnerBytes: skipSecondBytes,
        lengthBytes,
        visit: work.visit,
      },
      backends.first,
    );
    if (fast.ended) return ok(fast.doneBytes);
    done = fast.doneBytes;
  }
  const one = cursorAt(first, backends.first, skipFirstBytes + done);
  const two = cursorAt(second, backends.second, skipSecondBytes + done);
  if (one === undefined || two === undefined) return ok(done);
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
    const goOn = work.move(outer.value, inner.value, part);
    backends.second.unmap(inner.value);
    if (backends.writesFirst) backends.first.context.machine.flushDcachePage(page);
    backends.first.unmap(outer.value);
    one.consume(part);
    two.consume(part);
    done += part;
    if (!goOn) break;
  }
  return ok(done);
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
  return walkPair(
    to,
    from,
    range,
    { first: toBackend, second: fromBackend, writesFirst: true },
    {
      move: (target, source, lengthBytes) => {
        const bytes = scratch.bytes(lengthBytes);
        source.copyTo(bytes);
        target.copyFrom(bytes);
        return true;
      },
      visit: copyPair,
    },
  );
}

function copyPair(target: Uint8Array, source: Uint8Array): boolean {
  setBytes(target, source, 0);
  return true;
}

/** A buffer that grows with what is asked of it; made when first needed. */
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
  let equalBytes = 0;
  let differs = false;
  const visit = (a: Uint8Array, b: Uint8Array): boolean => {
    const at = firstDifference(a, b);
    differs = at >= 0;
    equalBytes += differs ? at : a.length;
    return !differs;
  };
  const [left, right] = [new Scratch(firstBackend), new Scratch(firstBackend)];
  const move = (a: Mapping, b: Mapping, lengthBytes: number): boolean => {
    const [one, two] = [left.bytes(lengthBytes), right.bytes(lengthBytes)];
    a.copyTo(one);
    b.copyTo(two);
    return visit(one, two);
  };
  const walked = walkPair(
    first,
    second,
    range,
    { first: firstBackend, second: secondBackend, writesFirst: false },
    { move, visit },
  );
  if (!walked.ok) return walked;
  if (differs) return ok({ equal: false, atByte: equalBytes });
  return walked.value < range.lengthBytes ? ok({ equal: false, atByte: walked.value }) : ok({ equal: true });
}
