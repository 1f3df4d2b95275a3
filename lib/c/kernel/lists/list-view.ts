/**
 * Lists in the memory of C as lists of this library, and back. A call reads what it needs, works on the library's own
 * objects, and writes what changed.
 */
import { InvariantError } from '../../../base/invariant.ts';
import { SG_CHAIN, SG_END, SgArray } from '../../../scatterlist/list/sg-array.ts';
import type { SgEntry } from '../../../scatterlist/list/sg-array.ts';
import { readBytes, readQuietly, writeBytes } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { pageOf, pointerOf } from '../memory/page-pointer.ts';

/** `sizeof(struct scatterlist)`; c/include/linux/scatterlist.h has the same. */
export const ENTRY_BYTES = 24;
/** Bytes of an entry that the CPU's side uses: page_link, offset, length. The device's side is behind. */
const CPU_BYTES = 12;
const UNKNOWN: readonly number[] = [-1, -1, -1];
const MARKS = SG_CHAIN | SG_END;
/** Entries after which a list without an end is cut off. */
const MOST_ENTRIES = 2 ** 16;

/** An array of entries in C and its counterpart. */
interface Mirror {
  readonly base: number;
  readonly array: SgArray;
  /** What memory is known to hold, six words for each slot; -1 where it is not known. */
  readonly words: number[];
}

/** How many slots an array has. */
interface Extent {
  /** Exactly so many. Default: up to the end mark or the link, or as many entries as the list has. */
  readonly slots?: number;
  /** Entries of the list. */
  readonly entries?: number;
  /** Whether the fields of the device are read, too. */
  readonly dma?: boolean;
}

/** Lists of one or more arrays, as one call or one iterator sees them. */
export class ListView {
  readonly #mirrors: Mirror[] = [];
  readonly #byArray = new Map<SgArray, Mirror>();

  /** The entry at an address; `null` for NULL. */
  entryAt(c: Runner, address: number, extent: Extent = {}): SgEntry | null {
    if (address === 0) return null;
    const known = this.#find(address);
    if (known !== undefined) return known;
    const left = this.#readSlots(c, address, extent);
    this.#link(c, { entries: left, dma: extent.dma ?? false });
    return this.#find(address) ?? null;
  }

  /** The address of an entry. */
  addressOf(entry: SgEntry | null): number {
    return entry === null ? 0 : this.baseOf(entry.array) + entry.slot * ENTRY_BYTES;
  }

  /** The address of an array. */
  baseOf(array: SgArray): number {
    const mirror = this.#byArray.get(array);
    if (mirror === undefined) throw new InvariantError('a list array that is not in the memory of C');
    return mirror.base;
  }

  /** Gives an array of this library, just made, a place in the memory of C. */
  place(array: SgArray, base: number): void {
    this.#add({ base, array, words: Array.from({ length: array.slots * 6 }, () => -1) });
  }

  /** Forgets an array whose memory was freed. */
  forget(array: SgArray): void {
    this.#mirrors.splice(
      this.#mirrors.findIndex((one) => one.array === array),
      1,
    );
  }

  /** Reads an array of so many slots, whatever is marked in it. */
  readArray(c: Runner, base: number, slots: number): void {
    if (this.#find(base) === undefined) this.#readSlots(c, base, { slots });
  }

  /** Links the arrays that were read one by one. */
  join(c: Runner): void {
    this.#link(c, {});
  }

  /** The address that a slot which was read links to; 0 where it does not. */
  linkFrom(address: number): number {
    const entry = this.#find(address);
    const mirror = entry === undefined ? undefined : this.#byArray.get(entry.array);
    const link = mirror?.words[(entry?.slot ?? 0) * 6] ?? 0;
    return (link & SG_CHAIN) === 0 ? 0 : (link & ~MARKS) >>> 0;
  }

  /** Reads again what other code may have changed; it races with no access. */
  refresh(c: Runner): void {
    for (const mirror of this.#mirrors) {
      const { base, array, words } = mirror;
      const bytes = readQuietly(c, base, array.slots * ENTRY_BYTES);
      const view = new DataView(bytes.buffer);
      for (let slot = 0; slot < array.slots; slot += 1) {
        const [link = 0, offset = 0, length = 0] = [0, 4, 8].map((at) =>
          view.getUint32(slot * ENTRY_BYTES + at, true),
        );
        const at = slot * 6;
        if (words[at] === link && words[at + 1] === offset && words[at + 2] === length) continue;
        words.splice(at, 3, link, offset, length);
        this.#set(c, mirror, slot);
      }
    }
    this.#link(c, {});
  }

  /** Writes what changed. */
  write(c: Runner): void {
    for (const mirror of this.#mirrors)
      for (let slot = 0; slot < mirror.array.slots; slot += 1) this.#writeSlot(c, mirror, slot);
  }

  #find(address: number): SgEntry | undefined {
    for (const { base, array } of this.#mirrors) {
      const slot = (address - base) / ENTRY_BYTES;
      if (Number.isInteger(slot) && slot >= 0 && slot < array.slots) return array.entry(slot);
    }
    return undefined;
  }

  #add(mirror: Mirror): void {
    this.#mirrors.push(mirror);
    this.#byArray.set(mirror.array, mirror);
  }

  /** Reads one array; returns how many entries of the list are left. */
  #readSlots(c: Runner, base: number, extent: Extent): number {
    const { slots, entries = MOST_ENTRIES, dma = false } = extent;
    const words: number[] = [];
    let left = entries;
    for (let slot = 0; slot < (slots ?? MOST_ENTRIES) && (slots !== undefined || left > 0); slot += 1) {
      const at = base + slot * ENTRY_BYTES;
      const cpu = wordsOf(readBytes(c, at, CPU_BYTES));
      words.push(...cpu, ...(dma ? wordsOf(readBytes(c, at + CPU_BYTES, CPU_BYTES)) : UNKNOWN));
      const marks = (cpu[0] ?? 0) & MARKS;
      if ((marks & SG_CHAIN) === 0) left -= 1;
      if (slots === undefined && marks !== 0) break;
    }
    const mirror = { base, array: new SgArray(words.length / 6), words };
    this.#add(mirror);
    for (let slot = 0; slot < mirror.array.slots; slot += 1) this.#set(c, mirror, slot);
    return left;
  }

  /** Sets a slot of an array as memory has it, its link excepted. */
  #set(c: Runner, { array, words }: Mirror, slot: number): void {
    const [link = 0, offset = 0, length = 0, address = -1, lengthDma = 0, flags = 0] = words.slice(
      slot * 6,
      slot * 6 + 6,
    );
    const marks = link & MARKS;
    const pointer = (link & ~MARKS) >>> 0;
    const page = pointer === 0 || (marks & SG_CHAIN) !== 0 ? null : pageOf(c, pointer);
    // As C holds it, whether or not the bytes exist.
    array.set(slot, page, length, offset, 'compatible');
    array.mark(slot, marks);
    if (address < 0 || (address === 0 && lengthDma === 0 && flags === 0)) return;
    array.dma.addresses[slot] = address;
    array.dma.lengths[slot] = lengthDma;
    array.dma.flags[slot] = flags;
  }

  /** Follows links that lead to arrays not read yet, as long as the list has entries. */
  #link(c: Runner, extent: Extent): void {
    for (const { array, words } of this.#mirrors)
      for (let slot = 0; slot < array.slots; slot += 1) {
        const link = words[slot * 6] ?? 0;
        const target = (link & ~MARKS) >>> 0;
        if (link < 0 || (link & SG_CHAIN) === 0 || target === 0) continue;
        const to = this.#find(target) ?? this.entryAt(c, target, extent);
        if (to !== null) array.setLink(slot, to);
      }
  }

  #writeSlot(c: Runner, { base, array, words }: Mirror, slot: number): void {
    const marks = array.marks[slot] ?? 0;
    const pointer =
      (marks & SG_CHAIN) === 0
        ? pointerOf(c, array.pages[slot] ?? undefined)
        : this.addressOf(array.linkAt(slot) ?? null);
    const { dmaIfMapped } = array;
    const isNew = (words[slot * 6] ?? -1) < 0;
    const device =
      dmaIfMapped === undefined
        ? isNew
          ? [0, 0, 0]
          : UNKNOWN
        : [dmaIfMapped.addresses[slot] ?? 0, dmaIfMapped.lengths[slot] ?? 0, dmaIfMapped.flags[slot] ?? 0];
    const now = [(pointer | marks) >>> 0, array.offsets[slot] ?? 0, array.lengths[slot] ?? 0, ...device];
    for (const [i, value] of now.entries()) {
      if (value < 0 || value === words[slot * 6 + i]) continue;
      writeBytes(c, base + slot * ENTRY_BYTES + 4 * i, new Uint8Array(Uint32Array.of(value).buffer));
      words[slot * 6 + i] = value;
    }
  }
}

function wordsOf(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
