/**
 * Moving whole entries of a list through one mapping mechanism, without a token per page.
 *
 * On a direct machine without a trace nobody can see a mapping between its map and its unmap, so a copy
 * helper needs no token: it needs the slot, the counters and the errors, and those are exactly what they
 * would be. Whatever is unusual (an empty entry, memory of another kind, a full pool) is left to the
 * path with tokens.
 *
 * What bounds a gather is not instructions but cache lines: the bytes of a megabyte push everything else
 * out. So what a copy needs of an entry is kept with the list, side by side, and no page is looked at.
 */
import type { Chunk } from '../machine/arena.ts';
import type { Page } from '../machine/memory.ts';

/** Entries as arrays: what an array of `struct scatterlist` is, seen from below. */
export interface EntryArrays {
  readonly pages: readonly (Page | null)[];
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  /** What earlier copies kept, made by the first; each entry of it is compared with the list before it is used. */
  kept: KeptEntries | undefined;
}

/** Which entries, and where their bytes come from or go to. */
export interface TransferJob {
  readonly list: EntryArrays;
  readonly firstSlot: number;
  /** One past the last slot. */
  readonly endSlot: number;
  readonly buffer: Uint8Array;
  /** Where in the buffer the first entry's bytes are. */
  readonly bufferOffset: number;
  readonly toBuffer: boolean;
}

/** Moves entries, in order, until the first that it cannot; answers how many it moved. */
export type Transfer = (job: TransferJob) => number;

/** What a copy needs of each entry. An entry is right while page, offset and length are the list's. */
export class KeptEntries {
  readonly pages: (Page | null)[];
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  readonly pfns: Int32Array;
  readonly views: Uint8Array[];
  readonly chunks: Chunk[];
  /** Offset of the first byte in its chunk. */
  readonly bases: Int32Array;
  /** The other side's views, for a buffer that is used again and again: the last one, if it was. */
  readonly peerViews: (Uint8Array | undefined)[] = [];
  #peer: Uint8Array | undefined = undefined;
  #peerOffset = -1;

  constructor(slots: number) {
    this.pages = new Array<Page | null>(slots).fill(null);
    this.offsets = new Uint32Array(slots);
    this.lengths = new Uint32Array(slots);
    this.pfns = new Int32Array(slots);
    this.views = [];
    this.chunks = [];
    this.bases = new Int32Array(slots);
  }

  /**
   * Looks an entry up and keeps what a copy needs, for an entry of system RAM whose bytes lie in one run;
   * answers whether it is one. `mostPages` is how many pages the mechanism can reach in one map.
   */
  keep(list: EntryArrays, slot: number, mostPages: number): boolean {
    const first = list.pages[slot];
    const length = list.lengths[slot] ?? 0;
    if (first === null || first === undefined || length === 0 || !first.zone.isSystemRam) return false;
    const { memory } = first.zone;
    const offset = list.offsets[slot] ?? 0;
    const page = memory.nthPage(first, offset >>> memory.pageShift);
    const inPage = offset & memory.pageMask;
    const count = (inPage + length + memory.pageMask) >>> memory.pageShift;
    if (count > mostPages || !memory.isOneRun(page, count)) return false;
    const chunk = memory.touch(page);
    const base = page.chunkOffset + inPage;
    this.pages[slot] = first;
    this.offsets[slot] = offset;
    this.lengths[slot] = length;
    this.pfns[slot] = page.pfn;
    this.chunks[slot] = chunk;
    this.bases[slot] = base;
    this.views[slot] = chunk.view(base, length);
    return true;
  }

  /** Whether the same place in the same buffer is used as the last time, so that views of it are worth keeping. */
  samePeer(buffer: Uint8Array, offset: number): boolean {
    if (this.#peer === buffer && this.#peerOffset === offset) return true;
    this.#peer = buffer;
    this.#peerOffset = offset;
    this.peerViews.length = 0;
    return false;
  }
}

/** What is kept of a list, made now if this is its first copy. */
export function keptEntries(list: EntryArrays): KeptEntries {
  return (list.kept ??= new KeptEntries(list.pages.length));
}

/** Up to here a loop over words beats a call of `set`, where both sides are aligned. */
const WORD_LOOP_BYTES = 64;
const NO_WORDS = new BigUint64Array(0);

function copyWords(
  to: BigUint64Array,
  toAt: number,
  from: BigUint64Array,
  fromAt: number,
  words: number,
): void {
  // eslint-disable-next-line @typescript-eslint/no-non-null-assertion -- a default would make each word a heap object
  for (let i = 0; i < words; i += 1) to[toAt + i] = from[fromAt + i]!;
}

/** Moves the bytes of kept entries to and from the buffer of a job. */
export class Mover {
  readonly #toBuffer: boolean;
  readonly #bytes: Uint8Array;
  /** The buffer in words, or none where it is not aligned. */
  readonly #words: BigUint64Array;
  readonly #kept: KeptEntries;
  readonly #samePeer: boolean;

  constructor(job: TransferJob, kept: KeptEntries) {
    const { buffer } = job;
    const short = (job.list.lengths[job.firstSlot] ?? 0) <= WORD_LOOP_BYTES && (buffer.byteOffset & 7) === 0;
    this.#toBuffer = job.toBuffer;
    this.#bytes = buffer;
    this.#words = short
      ? new BigUint64Array(buffer.buffer, buffer.byteOffset, buffer.length >>> 3)
      : NO_WORDS;
    this.#kept = kept;
    this.#samePeer = !job.toBuffer && this.#kept.samePeer(buffer, job.bufferOffset);
  }

  /** Moves an entry whose bytes are at offset `at` of the buffer; answers its length. */
  move(slot: number, at: number): number {
    const kept = this.#kept;
    const length = kept.lengths[slot] ?? 0;
    if (length <= WORD_LOOP_BYTES) {
      const base = kept.bases[slot] ?? 0;
      const words = this.#words;
      const chunk = kept.chunks[slot];
      if (((base | at | length) & 7) === 0 && words !== NO_WORDS && chunk !== undefined) {
        if (this.#toBuffer) copyWords(words, at >>> 3, chunk.words, base >>> 3, length >>> 3);
        else copyWords(chunk.words, base >>> 3, words, at >>> 3, length >>> 3);
        return length;
      }
    }
    const view = kept.views[slot];
    if (view === undefined) return length;
    if (this.#toBuffer) this.#bytes.set(view, at);
    else view.set(this.#peer(slot, at, length));
    return length;
  }

  #peer(slot: number, at: number, length: number): Uint8Array {
    const bytes = this.#bytes;
    if (!this.#samePeer) return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
    const { peerViews } = this.#kept;
    const known = peerViews[slot];
    if (known?.length === length && known.byteOffset === bytes.byteOffset + at) return known;
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
    peerViews[slot] = view;
    return view;
  }
}
