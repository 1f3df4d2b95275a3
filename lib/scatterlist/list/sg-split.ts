/**
 * `sg_split` of lib/sg_split.c: one list cut into several.
 */
import { err, ok } from '../../base/result.ts';
import type { Err, Result } from '../../base/result.ts';
import type { InvalidArgument, NoMemory, OutOfRange } from '../../base/errors.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { dmaAddr } from '../../base/units.ts';
import { invalidCount, isCount } from './check-count.ts';
import { refusePlace } from './check-place.ts';
import { setSlot, sgInitMarker } from './entry.ts';
import { forEachSg } from './for-each-sg.ts';
import { LinkWatch } from './link-watch.ts';
import type { SgArray, SgEntry } from './sg-array.ts';
import { sgDmaAddress, sgDmaLen, sgSetDma } from './sg-dma.ts';
import { checkWalkOptions, allocatorOf, isStrict, semanticsOf } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';
import { mappedNents, origNents } from './sg-table.ts';
import type { MappedNents, OrigNents } from './sg-table.ts';

/** One list that `sgSplit` made; its entries are an array of its own. */
export interface SgSplitPart<K extends MemoryKind> {
  readonly sgl: SgEntry<K>;
  /** Entries with bytes for the CPU. */
  readonly origNents: OrigNents;
  /** Segments for the device; of a list that is not mapped, the entries. */
  readonly mappedNents: MappedNents;
}

/** A part of one entry that belongs to one list. */
interface Piece<K extends MemoryKind> {
  readonly sg: SgEntry<K>;
  /** Bytes of the entry before the piece. */
  readonly skip: number;
  length: number;
}

/** The length of an entry as one side sees it. */
type LengthOf = (sg: SgEntry) => number;

const cpuLength: LengthOf = (sg) => sg.length;

/** Cuts a list without empty pieces; `undefined` if the list is too short. */
function cutExactly<K extends MemoryKind>(
  entries: Iterable<SgEntry<K>>,
  lengthOf: LengthOf,
  skip: number,
  sizes: readonly number[],
): readonly Piece<K>[][] | undefined {
  const parts: Piece<K>[][] = [[]];
  let toSkip = skip;
  let wanted = sizes[0] ?? 0;
  for (const sg of entries) {
    const length = lengthOf(sg);
    let at = Math.min(toSkip, length);
    toSkip -= at;
    while (at < length) {
      const taken = Math.min(wanted, length - at);
      parts[parts.length - 1]?.push({ sg, skip: at, length: taken });
      at += taken;
      wanted -= taken;
      if (wanted > 0) break;
      if (parts.length === sizes.length) return parts;
      wanted = sizes[parts.length] ?? 0;
      parts.push([]);
    }
  }
  return undefined;
}

/** `sg_calculate_split`, including its behaviour for sizes of 0 and at the ends of entries. */
function cutLikeLinux<K extends MemoryKind>(
  entries: Iterable<SgEntry<K>>,
  lengthOf: LengthOf,
  skip: number,
  sizes: readonly number[],
): readonly Piece<K>[][] | undefined {
  const parts: Piece<K>[][] = [];
  let at = 0;
  let toSkip = skip;
  let wanted = sizes[0] ?? 0;
  let partsLeft = sizes.length;
  const nextPart = (): boolean => {
    partsLeft -= 1;
    if (partsLeft <= 0) return false;
    at += 1;
    wanted = sizes[at] ?? 0;
    return true;
  };
  for (const sg of entries) {
    const length = lengthOf(sg);
    if (toSkip > length) {
      toSkip -= length;
      continue;
    }
    let taken = Math.min(wanted, length - toSkip);
    const part = (parts[at] ??= []);
    // Only the last entry of a part is shortened.
    const before = part[part.length - 1];
    if (before !== undefined) before.length = lengthOf(before.sg) - before.skip;
    part.push({ sg, skip: toSkip, length: taken });
    wanted -= taken;
    while (wanted === 0 && toSkip + taken < length && nextPart()) {
      toSkip += taken;
      taken = Math.min(wanted, length - toSkip);
      parts[at] = [{ sg, skip: toSkip, length: taken }];
      wanted -= taken;
    }
    toSkip = 0;
    if (wanted === 0) nextPart();
    // Past 0 it goes on to the end of the list, without a size.
    if (partsLeft === 0) break;
  }
  return wanted > 0 || parts.length === 0 ? undefined : parts;
}

/**
 * Cuts a list into one list for each size, from byte `skip` on; for a mapped list the device's segments too,
 * which need not line up with the entries. The bytes are shared, the lists are new.
 *
 * @linux sg_split (7.2)
 * @context any; may sleep in Linux, depending on its gfp mask
 * @errors OutOfRange where the list is too short (-EINVAL); InvalidArgument for no sizes, numbers that are no counts, a
 * list whose links lead back, of which a machine is told first, (strict) a size of 0, or
 * (compatible) more device segments in a part than entries, with which Linux writes past its array; NoMemory,
 * after which nothing stays allocated
 * @differs compatible reproduces: an empty entry first where `skip` ends at the end of an entry, a part of size 0
 * that is a list of bytes, and a last part that runs on to the end of the list where it should end inside an entry.
 * Strict: a part with more segments than entries ends in empty entries that only the device sees
 * @example
 * ```ts
 * const parts = sgSplit(table.sgl, mappedNents(0), 512, [4096, 4096]);
 * ```
 */
export function sgSplit<K extends MemoryKind>(
  sgl: SgEntry<K> | null,
  mapped: MappedNents,
  skip: number,
  sizes: readonly number[],
  how: SgOptions = {},
): Result<readonly SgSplitPart<K>[], InvalidArgument | OutOfRange | NoMemory> {
  checkWalkOptions('sgSplit', how);
  if (sizes.length === 0)
    return err({ code: 'InvalidArgument', argument: 'sizes', got: 0, expected: 'at least 1' });
  const badSize = sizes.find((size) => !isCount(size, how, 1));
  if (badSize !== undefined) return invalidCount('sizes', badSize, 1);
  if (!isCount(skip, how)) return invalidCount('skip', skip);
  if (!isCount(mapped, how)) return invalidCount('mapped', mapped);
  const allocator = allocatorOf(how);
  if (!allocator.reserve(sizes.length)) return err({ code: 'NoMemory', wanted: sizes.length, available: 0 });
  const parts = split(sgl, mapped, skip, sizes, how);
  allocator.release(sizes.length);
  return parts;
}

function split<K extends MemoryKind>(
  sgl: SgEntry<K> | null,
  mapped: MappedNents,
  skip: number,
  sizes: readonly number[],
  how: SgOptions,
): Result<readonly SgSplitPart<K>[], InvalidArgument | OutOfRange | NoMemory> {
  const strict = isStrict(how);
  const cut = strict ? cutExactly : cutLikeLinux;
  const allocator = allocatorOf(how);
  const tooShort = (lengthOf: LengthOf, nents: number): OutOfRange => ({
    code: 'OutOfRange',
    haveBytes: Array.from(forEachSg(sgl, nents), lengthOf).reduce((sum, n) => sum + n, 0),
    wantBytes: skip + sizes.reduce((sum, n) => sum + n, 0),
  });
  const links = new LinkWatch(sgl, how, 'end');
  let nents = 0;
  for (let sg = sgl; sg !== null; sg = links.next(sg, Infinity)) nents += 1;
  if (links.isEndless)
    return err({ code: 'InvalidArgument', argument: 'sgl', got: nents, expected: 'a list that ends' });
  const cuts = cut(forEachSg(sgl, nents), cpuLength, skip, sizes);
  if (cuts === undefined) return err(tooShort(cpuLength, nents));
  const deviceCuts = mapped === 0 ? undefined : cut(forEachSg(sgl, mapped), sgDmaLen, skip, sizes);
  const made: SgArray<K>[] = [];
  const undo = <E>(error: E): Err<E> => {
    for (const array of made) allocator.free('kmalloc', array, array.slots);
    return err(error);
  };
  for (const [i, { length }] of cuts.entries()) {
    const slots = strict ? Math.max(length, deviceCuts?.[i]?.length ?? 0) : length;
    const array = allocator.allocate<K>('kmalloc', slots);
    if (array === undefined) return undo<NoMemory>({ code: 'NoMemory', wanted: slots, available: 0 });
    sgInitMarker(array, slots);
    made.push(array);
  }
  if (mapped !== 0 && deviceCuts === undefined) return undo(tooShort(sgDmaLen, mapped));
  const parts: SgSplitPart<K>[] = [];
  for (const [i, array] of made.entries()) {
    const cpu = cuts[i] ?? [];
    const device = deviceCuts?.[i] ?? [];
    if (device.length > array.slots) {
      return undo<InvalidArgument>({
        code: 'InvalidArgument',
        argument: 'mapped',
        got: device.length,
        expected: `at most ${String(array.slots)} device segments in part ${String(i)}`,
      });
    }
    for (const [slot, { sg, skip: before, length }] of cpu.entries()) {
      if (sg.page !== null) setSlot(array, slot, sg.page, length, sg.offset + before, semanticsOf(how));
      else if (strict) return refusePlace({ name: 'sgSplit', context: how.machine?.executing }, sg, before);
      else array.set(slot, null, length, sg.offset + before, 'compatible');
    }
    for (const [slot, { sg, skip: before, length }] of device.entries()) {
      sgSetDma(array.entry(slot), dmaAddr(sgDmaAddress(sg) + before), length);
    }
    parts.push({
      sgl: array.entry(0),
      origNents: origNents(cpu.length),
      mappedNents: mappedNents(deviceCuts === undefined ? cpu.length : device.length),
    });
  }
  return ok(parts);
}
