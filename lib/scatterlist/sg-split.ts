/**
 * `sg_split` of lib/sg_split.c: one list cut into several.
 */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { InvalidArgument, NoMemory, OutOfRange } from '../base/errors.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { dmaAddr } from '../base/units.ts';
import { setSlot, sgInitMarker, sgNext } from './entry.ts';
import { forEachSg } from './for-each-sg.ts';
import type { SgArray, SgEntry } from './sg-array.ts';
import { sgNents } from './sg-count.ts';
import { sgDmaAddress, sgDmaLen, sgSetDma } from './sg-dma.ts';
import { allocatorOf, isStrict } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';
import { mappedNents } from './sg-table.ts';
import type { MappedNents } from './sg-table.ts';

/** One list that `sgSplit` made; its entries are an array of its own. */
export interface SgSplitPart<K extends MemoryKind> {
  readonly sgl: SgEntry<K>;
  /** Segments for the device; of a list that is not mapped, the entries. */
  readonly mappedNents: MappedNents;
}

/** Where one part lies in the list: `struct sg_splitter`. */
interface Cut<K extends MemoryKind> {
  readonly first: SgEntry<K>;
  /** Bytes of the first entry that belong to others. */
  readonly skip: number;
  nents: number;
  lastLength: number;
}

/** The length of an entry as one side sees it. */
type LengthOf = (sg: SgEntry) => number;

const cpuLength: LengthOf = (sg) => sg.length;

/** Cuts without empty pieces; nothing where the list is too short. */
function cutExactly<K extends MemoryKind>(
  entries: Iterable<SgEntry<K>>,
  lengthOf: LengthOf,
  skip: number,
  sizes: readonly number[],
): readonly Cut<K>[] | undefined {
  const cuts: Cut<K>[] = [];
  let [wanted] = sizes;
  let current: Cut<K> | undefined;
  let skipped = skip;
  for (const sg of entries) {
    const length = lengthOf(sg);
    let at = Math.min(skipped, length);
    skipped -= at;
    while (wanted !== undefined && at < length) {
      const taken = Math.min(wanted, length - at);
      if (current === undefined) cuts.push((current = { first: sg, skip: at, nents: 0, lastLength: 0 }));
      current.nents += 1;
      current.lastLength = taken;
      at += taken;
      wanted -= taken;
      if (wanted > 0) break;
      current = undefined;
      wanted = sizes[cuts.length];
    }
    if (wanted === undefined) return cuts;
  }
  return undefined;
}

/** `sg_calculate_split`, with what it does where sizes are 0 and where entries end. */
function cutLikeLinux<K extends MemoryKind>(
  entries: Iterable<SgEntry<K>>,
  lengthOf: LengthOf,
  skip: number,
  sizes: readonly number[],
): readonly Cut<K>[] | undefined {
  const cuts: Cut<K>[] = [];
  let toSkip = skip;
  let at = 0;
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
    const cut = (cuts[at] ??= { first: sg, skip: toSkip, nents: 0, lastLength: 0 });
    cut.nents += 1;
    cut.lastLength = taken;
    wanted -= taken;
    while (wanted === 0 && toSkip + taken < length && nextPart()) {
      toSkip += taken;
      taken = Math.min(wanted, length - toSkip);
      cuts[at] = { first: sg, skip: toSkip, nents: 1, lastLength: taken };
      wanted -= taken;
    }
    toSkip = 0;
    if (wanted === 0) nextPart();
    // Past 0 it goes on to the end of the list, without a size.
    if (partsLeft === 0) break;
  }
  return wanted > 0 || cuts.length === 0 ? undefined : cuts;
}

/**
 * Cuts a list into one list for each size, from byte `skip` on; for a mapped list the device's segments too,
 * which need not line up with the entries. The bytes are shared, the lists are new.
 *
 * @linux sg_split (7.2)
 * @context any; may sleep in Linux, depending on its gfp mask
 * @errors OutOfRange where the list is too short (-EINVAL); InvalidArgument for no sizes, (strict) a size of 0, or
 * (compatible) more device segments in a part than entries, with which Linux writes past its array; NoMemory,
 * after which nothing stays allocated
 * @differs compatible reproduces: an empty entry first where `skip` ends at the end of an entry, a part of size 0
 * that is a list of bytes, and a last part that runs on to the end of the list where it should end inside an entry
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
  const strict = isStrict(how);
  if (sizes.length === 0)
    return err({ code: 'InvalidArgument', argument: 'sizes', got: 0, expected: 'at least 1' });
  if (strict && sizes.some((size) => size < 1))
    return err({ code: 'InvalidArgument', argument: 'sizes', got: 0, expected: 'sizes of at least 1 byte' });
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
  const nents = sgNents(sgl);
  const cuts = cut(forEachSg(sgl, nents), cpuLength, skip, sizes);
  if (cuts === undefined) return err(tooShort(cpuLength, nents));
  const deviceCuts = mapped === 0 ? undefined : cut(forEachSg(sgl, mapped), sgDmaLen, skip, sizes);
  const arrays: SgArray<K>[] = [];
  const undo = (): void => {
    for (const array of arrays) allocator.free('kmalloc', array, array.slots);
  };
  for (const [i, { nents: entries }] of cuts.entries()) {
    const slots = strict ? Math.max(entries, deviceCuts?.[i]?.nents ?? 0) : entries;
    const array = allocator.allocate<K>('kmalloc', slots);
    if (array === undefined) {
      undo();
      return err({ code: 'NoMemory', wanted: slots, available: 0 });
    }
    arrays.push(array);
  }
  if (mapped !== 0 && deviceCuts === undefined) {
    undo();
    return err(tooShort(sgDmaLen, mapped));
  }
  const parts: SgSplitPart<K>[] = [];
  for (const [i, array] of arrays.entries()) {
    const cpu = cuts[i];
    const device = deviceCuts?.[i];
    if (cpu !== undefined) copyEntries(cpu, array);
    if (device !== undefined) {
      if (device.nents > array.slots) {
        undo();
        return err({
          code: 'InvalidArgument',
          argument: 'mappedNents',
          got: device.nents,
          expected: `at most ${String(array.slots)} device segments in part ${String(i)}`,
        });
      }
      copySegments(device, array);
    }
    parts.push({ sgl: array.entry(0), mappedNents: mappedNents(device?.nents ?? cpu?.nents ?? 0) });
  }
  return ok(parts);
}

function copyEntries<K extends MemoryKind>({ first, skip, nents, lastLength }: Cut<K>, to: SgArray<K>): void {
  let sg: SgEntry<K> | null = first;
  for (let slot = 0; slot < nents && sg !== null; slot += 1) {
    const skipped = slot === 0 ? skip : 0;
    const length = slot === nents - 1 ? lastLength : sg.length - skipped;
    if (sg.page !== null) setSlot(to, slot, sg.page, length, sg.offset + skipped);
    sg = sgNext(sg);
  }
  sgInitMarker(to, nents);
}

function copySegments<K extends MemoryKind>(
  { first, skip, nents, lastLength }: Cut<K>,
  to: SgArray<K>,
): void {
  let sg: SgEntry<K> | null = first;
  for (let slot = 0; slot < nents && sg !== null; slot += 1) {
    const skipped = slot === 0 ? skip : 0;
    const length = slot === nents - 1 ? lastLength : sgDmaLen(sg) - skipped;
    sgSetDma(to.entry(slot), dmaAddr(sgDmaAddress(sg) + skipped), length);
    sg = sgNext(sg);
  }
}
