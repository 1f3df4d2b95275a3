/**
 * Scatterlists of many shapes, each with the bytes that it should contain.
 */
import type { MemoryKind, Page } from '../machine/memory.ts';
import { sgChain, sgMarkEnd, sgSetPage } from '../scatterlist/list/entry.ts';
import { SgArray } from '../scatterlist/list/sg-array.ts';
import type { SgEntry } from '../scatterlist/list/sg-array.ts';
import type { SgList } from '../scatterlist/list/sg-list.ts';
import { check } from './check.ts';
import { pattern } from './rig.ts';
import type { Rig } from './rig.ts';

/** An entry: its first page, offset and length. */
interface Segment {
  readonly page: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** A list layout over some pages. */
export interface Shape {
  readonly title: string;
  readonly pages: number;
  readonly layout: 'contiguous' | 'scattered';
  /** Slots of each chained array, including the chain slot; if it is missing, all entries are in one array. */
  readonly arraySlots?: number;
  readonly segments: (pageSize: number) => readonly Segment[];
}

const segment = (page: number, offset: number, lengthBytes: number): Segment => ({
  page,
  offset,
  lengthBytes,
});

/** The shapes; none has an entry over more than three pages. */
export const SHAPES: readonly Shape[] = [
  { title: 'an empty table', pages: 1, layout: 'contiguous', segments: () => [] },
  {
    title: 'whole pages apart',
    pages: 3,
    layout: 'scattered',
    segments: (size) => [0, 1, 2].map((page) => segment(page, 0, size)),
  },
  {
    title: 'one-byte entries, at page ends too',
    pages: 3,
    layout: 'scattered',
    segments: (size) => [
      segment(0, size - 1, 1),
      segment(1, 0, 1),
      segment(2, 5, 1),
      segment(1, size - 1, 1),
      segment(0, 0, 1),
    ],
  },
  {
    title: 'entries that cross a page by a byte',
    pages: 4,
    layout: 'contiguous',
    segments: (size) => [segment(0, size - 1, 2), segment(2, size - 1, 1 + 1)],
  },
  {
    title: 'offsets of a page and more',
    pages: 4,
    layout: 'contiguous',
    segments: (size) => [segment(0, size, 10), segment(0, 2 * size + 5, size), segment(1, size - 1, 1)],
  },
  {
    title: 'a long entry from the middle of a page',
    pages: 3,
    layout: 'contiguous',
    segments: (size) => [segment(0, 700, 2 * size)],
  },
  {
    title: 'empty entries at the start, in the middle and at the end',
    pages: 2,
    layout: 'scattered',
    segments: (size) => [
      segment(0, 0, 0),
      segment(0, 10, 20),
      segment(1, size - 1, 0),
      segment(1, 3, 0),
      segment(1, 30, 40),
      segment(0, 100, 0),
    ],
  },
  {
    title: 'nothing but empty entries',
    pages: 1,
    layout: 'contiguous',
    segments: () => [segment(0, 8, 0), segment(0, 0, 0)],
  },
  {
    title: 'chained arrays of two slots',
    pages: 4,
    layout: 'scattered',
    arraySlots: 2,
    segments: (size) => [0, 1, 2, 3].map((page) => segment(page, page * 11, size / 2 + page)),
  },
];

/** A list, with functions that compute its expected bytes. */
export class ShapedList {
  readonly list: SgList<MemoryKind>;
  readonly pages: readonly Page[];
  private readonly rig: Rig;
  /** The offset in `memory` of each byte of the list. */
  private readonly places: readonly number[];

  constructor(rig: Rig, shape: Shape, kind: MemoryKind, seed: number) {
    const { pageSize } = rig.machine;
    this.rig = rig;
    this.pages = rig.pages(kind, shape.pages, shape.layout);
    const segments = shape.segments(pageSize);
    this.places = segments.flatMap(({ page, offset, lengthBytes }) =>
      Array.from({ length: lengthBytes }, (_, i) => page * pageSize + offset + i),
    );
    for (const [i, page] of this.pages.entries()) {
      rig.machine.physical(page).set(pattern(pageSize, seed + i));
    }
    this.list = chained(this.pages, segments, shape.arraySlots ?? segments.length);
  }

  /** Bytes of all entries. */
  get length(): number {
    return this.places.length;
  }

  /** The bytes of all entries, in order, read from memory. */
  get bytes(): Uint8Array {
    const { memory } = this;
    return Uint8Array.from(this.places, (at) => memory[at] ?? 0);
  }

  /** The bytes of all pages, concatenated. */
  get memory(): Uint8Array {
    const { pageSize } = this.rig.machine;
    const all = new Uint8Array(this.pages.length * pageSize);
    for (const [i, page] of this.pages.entries()) all.set(this.rig.machine.physical(page), i * pageSize);
    return all;
  }

  set memory(all: Uint8Array) {
    const { pageSize } = this.rig.machine;
    for (const [i, page] of this.pages.entries()) {
      this.rig.machine.physical(page).set(all.subarray(i * pageSize, (i + 1) * pageSize));
    }
  }

  /** The content of `memory` after these bytes were written to the list from `skipBytes` on. */
  written(memory: Uint8Array, bytes: Uint8Array, skipBytes = 0): Uint8Array {
    const after = memory.slice();
    for (const [i, byte] of bytes.entries()) {
      const at = this.places[skipBytes + i];
      if (at !== undefined) after[at] = byte;
    }
    return after;
  }
}

function chained(
  pages: readonly Page[],
  segments: readonly Segment[],
  arraySlots: number,
): SgList<MemoryKind> {
  let sgl: SgEntry | null = null;
  let array: SgArray | undefined;
  let slot = 0;
  for (const [i, { page, offset, lengthBytes }] of segments.entries()) {
    const left = segments.length - i;
    const full = array === undefined || slot === arraySlots - (left > 1 ? 1 : 0);
    if (array === undefined || (full && arraySlots < segments.length)) {
      const next = new SgArray(arraySlots);
      if (array === undefined) sgl = next.entry(0);
      else sgChain(array, slot + 1, next.entry(0));
      array = next;
      slot = 0;
    }
    const target = pages[page];
    check(target !== undefined, 'no page');
    sgSetPage(array.entry(slot), target, lengthBytes, offset);
    if (left === 1) sgMarkEnd(array.entry(slot));
    slot += 1;
  }
  return { sgl, origNents: segments.length };
}
