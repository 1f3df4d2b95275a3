import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { createMachine } from 'scatterlist';
import type { Page } from 'scatterlist';
import { moveThrough, openings, shiftOf, viewIn } from '../../lib/kernel/transfer.ts';
import type { Gate } from '../../lib/kernel/transfer.ts';
import { PAGE, jobOf, segmentsOf } from './transfer-fixture.ts';
import type { Piece } from './transfer-fixture.ts';

const OPEN = 2 ** 31;
const PAGES = 6;

function world() {
  const machine = createMachine({ mode: 'direct', protectedPages: 1 });
  const lowmem = machine.allocPages(PAGES, { zone: 'lowmem' });
  const highmem = machine.allocPages(PAGES, { zone: 'highmem' });
  const kinds = {
    lowmem,
    highmem,
    iomem: machine.ioRegion(PAGES),
    protected: new Array<Page>(PAGES).fill(machine.allocPage({ zone: 'protected' })),
    missing: new Array<undefined>(PAGES).fill(undefined),
  };
  for (const [i, page] of [...lowmem, ...highmem].entries())
    machine.physical(page).forEach((_, at, bytes) => (bytes[at] = i * 41 + at * 7));
  return { machine, kinds };
}

type Kind = keyof ReturnType<typeof world>['kinds'];

const piece = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom<Kind>('lowmem', 'highmem') },
    { weight: 1, arbitrary: fc.constantFrom<Kind>('iomem', 'protected', 'missing') },
  ),
  page: fc.nat(PAGES - 1),
  offset: fc.oneof(
    fc.nat(30).map((n) => n * 64),
    fc.nat(2000),
  ),
  length: fc.oneof(fc.constantFrom(8, 56, 64, 72), fc.integer({ min: 1, max: 300 })),
});

const anyJob = fc.record({
  pieces: fc.array(piece, { minLength: 1, maxLength: 24 }),
  first: fc.nat(5),
  without: fc.nat(5),
  skip: fc.nat(1000),
  cut: fc.nat(1000),
  edges: fc.boolean(),
  bufferOffset: fc.constantFrom(0, 0, 8, 3, 64),
  misalign: fc.constantFrom(0, 0, 1, 4),
  toBuffer: fc.boolean(),
  closed: fc.constantFrom('none', 'directEnd'),
  open: fc.constantFrom('all', 'directEnd'),
});

type AnyJob = typeof anyJob extends fc.Arbitrary<infer T> ? T : never;

/** Moves the job byte by byte, as far as it may go. */
function expected(how: AnyJob, edges: Edges, buffer: Uint8Array) {
  const { machine, kinds } = world();
  const { directEnd } = machine.hardware.memory;
  let at = how.bufferOffset;
  let moved = 0;
  let opened = 0;
  for (let i = edges.first; i < edges.end; i += 1) {
    const { kind, page, offset, length } = how.pieces[i]!;
    const on = kinds[kind][page];
    if (on === undefined || (kind !== 'lowmem' && kind !== 'highmem')) break;
    if (how.open === 'directEnd' && on.pfn >= directEnd) break;
    const from = i === edges.first ? edges.skipBytes : 0;
    const to = length - (i === edges.end - 1 ? edges.cutBytes : 0);
    const bytes = machine.physical(on).subarray(offset + from, offset + to);
    if (how.toBuffer) buffer.set(bytes, at);
    else bytes.set(buffer.subarray(at, at + bytes.length));
    at += bytes.length;
    moved += 1;
    opened += how.closed === 'none' || on.pfn >= directEnd ? 1 : 0;
  }
  return { moved, opened, memory: memoryOf(machine, kinds), buffer: [...buffer] };
}

function memoryOf(machine: ReturnType<typeof world>['machine'], kinds: ReturnType<typeof world>['kinds']) {
  return [...kinds.lowmem, ...kinds.highmem].map((page) =>
    Buffer.from(machine.physical(page)).toString('latin1'),
  );
}

interface Edges {
  readonly first: number;
  readonly end: number;
  readonly skipBytes: number;
  readonly cutBytes: number;
}

/** A first and a last piece, and less of both than they have. */
function edgesOf(how: AnyJob): Edges {
  const count = how.pieces.length;
  const first = how.first % count;
  const end = Math.max(first + 1, count - how.without);
  if (!how.edges) return { first, end, skipBytes: 0, cutBytes: 0 };
  const skipBytes = how.skip % how.pieces[first]!.length;
  const left = how.pieces[end - 1]!.length - (end - 1 === first ? skipBytes : 0);
  return { first, end, skipBytes, cutBytes: how.cut % left };
}

describe('shiftOf and viewIn', () => {
  const machine = createMachine({ mode: 'direct' });
  const pages = machine.allocPages(3, { zone: 'highmem' });
  const segments = segmentsOf(pages.map((page, i) => [page, 10 * i, 100]));

  it('place byte 0 of the list in the buffer', () => {
    expect(shiftOf(jobOf(segments))).to.equal(0);
    expect(shiftOf(jobOf(segments, { first: 2, skipBytes: 5, bufferOffset: 7 }))).to.equal(198);
  });

  it('cut the first piece at its start, the last one at its end, and no other', () => {
    const job = jobOf(segments, { skipBytes: 30, cutBytes: 20 });
    const parts = [0, 1, 2].map((i) => viewIn(job, i)!);
    const base = (i: number) => pages[i]!.chunkOffset + 10 * i;
    expect(parts.map(({ byteOffset, length }) => [byteOffset, length])).to.deep.equal([
      [base(0) + 30, 70],
      [base(1), 100],
      [base(2), 80],
    ]);
    expect(parts[1]).to.equal(segments.viewOf(1));
    const both = viewIn(jobOf(segments, { first: 1, end: 2, skipBytes: 1, cutBytes: 2 }), 1)!;
    expect([both.byteOffset, both.length]).to.deep.equal([base(1) + 1, 97]);
  });
});

describe('moveThrough', () => {
  it('moves what a loop over the bytes would, and leaves the gate closed', () => {
    fc.assert(
      fc.property(anyJob, (how) => {
        const edges = edgesOf(how);
        const { machine, kinds } = world();
        const { directEnd } = machine.hardware.memory;
        const pieces = how.pieces.map(({ kind, page, offset, length }): Piece => [
          kinds[kind][page],
          offset,
          length,
        ]);
        const segments = segmentsOf(pieces);
        const roomBytes = segments.bytes + how.bufferOffset + 8;
        const room = Uint8Array.from({ length: roomBytes + 8 }, (_, i) => i * 29 + (i >> 4));
        const buffer = room.subarray(how.misalign, how.misalign + roomBytes);
        const want = expected(how, edges, Uint8Array.from(buffer));
        const gate: Gate = {
          ptes: Int32Array.of(-5, 0, -7),
          slot: 1,
          closedUpTo: how.closed === 'none' ? 0 : directEnd,
          openUpTo: how.open === 'all' ? OPEN : directEnd,
        };
        const job = jobOf(segments, { ...edges, ...how, first: edges.first, buffer });
        // Three times: views of the buffer are kept from the second on and used from the third.
        for (let time = 0; time < 3; time += 1) {
          const moved = moveThrough(job, gate);
          expect([moved, openings(job, moved, gate)]).to.deep.equal([want.moved, want.opened]);
          expect([...gate.ptes]).to.deep.equal([-5, 0, -7]);
        }
        expect([...buffer]).to.deep.equal(want.buffer);
        expect(memoryOf(machine, kinds)).to.deep.equal(want.memory);
      }),
      { numRuns: 400 },
    );
  });

  it('goes by words only where pieces and buffer are aligned together', () => {
    const { machine, kinds } = world();
    const page = kinds.highmem[0]!;
    const bytes = machine.physical(page);
    for (const length of [8, 56, 64, 72, 128]) {
      for (const [offset, at] of [
        [0, 0],
        [64, 0],
        [1, 0],
        [0, 3],
        [4, 4],
      ] as const) {
        for (const toBuffer of [true, false]) {
          bytes.forEach((_, i) => (bytes[i] = i * 7));
          const buffer = new Uint8Array(3 * length + 16).fill(0xee).subarray(at, at + 3 * length);
          const segments = segmentsOf([0, 1, 2].map((i) => [page, offset + i * length, length]));
          const before = [...bytes.subarray(offset, offset + 3 * length)];
          const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
          expect(moveThrough(jobOf(segments, { buffer, toBuffer }), gate)).to.equal(3);
          expect([...buffer]).to.deep.equal(toBuffer ? before : before.map(() => 0xee));
          expect([...bytes.subarray(offset, offset + 3 * length)]).to.deep.equal([...buffer]);
          expect(bytes[offset + 3 * length]).to.equal(((offset + 3 * length) * 7) & 0xff);
        }
      }
    }
  });

  it('goes from lines to shorter pieces and back', () => {
    const { machine, kinds } = world();
    const page = kinds.highmem[0]!;
    machine.physical(page).forEach((_, i, bytes) => (bytes[i] = i * 7));
    const lengths = [64, 56, 8, 64, 64, 40];
    const segments = segmentsOf(lengths.map((length, i) => [page, 64 * i, length]));
    const buffer = new Uint8Array(segments.bytes);
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    expect(moveThrough(jobOf(segments, { buffer }), gate)).to.equal(lengths.length);
    const expected = lengths.flatMap((length, i) => [
      ...machine.physical(page).subarray(64 * i, 64 * i + length),
    ]);
    expect([...buffer]).to.deep.equal(expected);
    expect(segments.views.every((view) => view === undefined)).to.equal(true);
  });

  it('goes by words through the buffers in which its pieces lie, from any piece to any other', () => {
    const machine = createMachine({ mode: 'direct', highmemPages: 64 });
    const pages = machine.allocPages(40, { zone: 'highmem' });
    for (const [i, page] of pages.entries()) machine.physical(page).fill(i + 1);
    expect(new Set(pages.map(({ chunk }) => chunk)).size).to.be.above(2);
    const lengths = [64, 64, 24, 64];
    const segments = segmentsOf(pages.map((page, i) => [page, 8 * i, lengths[i % 4]!]));
    for (const [first, end] of [
      [0, 40],
      [15, 17],
      [16, 40],
      [17, 18],
      [31, 33],
      [39, 40],
    ] as const) {
      const expected = pages
        .slice(first, end)
        .flatMap((_, i) => new Array<number>(lengths[(first + i) % 4]!).fill(first + i + 1));
      const buffer = new Uint8Array(expected.length);
      const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
      expect(moveThrough(jobOf(segments, { first, end, buffer }), gate)).to.equal(end - first);
      expect([...buffer]).to.deep.equal(expected);
      buffer.fill(0xee);
      expect(moveThrough(jobOf(segments, { first, end, buffer, toBuffer: false }), gate)).to.equal(
        end - first,
      );
      for (const [i, page] of pages.entries()) {
        const bytes = machine.physical(page);
        const written = i >= first && i < end ? lengths[i % 4]! : 0;
        const wanted = new Uint8Array(PAGE).fill(i + 1).fill(0xee, 8 * i, 8 * i + written);
        expect([...bytes]).to.deep.equal([...wanted]);
        bytes.fill(i + 1);
      }
    }
    expect(segments.views.every((view) => view === undefined)).to.equal(true);
  });

  it('makes no view for what goes by words, and one for what lies askew behind an odd piece', () => {
    const { kinds } = world();
    const page = kinds.highmem[0]!;
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    const even = segmentsOf([0, 64, 128].map((offset) => [page, offset, 64]));
    moveThrough(jobOf(even), gate);
    expect(even.views).to.deep.equal([undefined, undefined, undefined]);
    const odd = segmentsOf([
      [page, 0, 64],
      [page, 64, 3],
      [page, 128, 64],
      [page, 192, 64],
    ]);
    moveThrough(jobOf(odd), gate);
    expect(odd.views.map((view) => view?.length)).to.deep.equal([undefined, 3, 64, 64]);
    const many = segmentsOf(Array.from({ length: 200 }, (_, i) => [page, 64 * (i % 50), i === 0 ? 3 : 64]));
    const made = sinon.spy(many, 'makeViews');
    expect(moveThrough(jobOf(many), gate)).to.equal(200);
    // Once for all of them, not once for each.
    expect(made.callCount).to.be.below(3);
  });

  it('moves bytes onto themselves a little further on as one move each, also behind a piece without a page', () => {
    for (const before of [[], [[undefined, 0, 64]]] as const satisfies Piece[][]) {
      const { machine, kinds } = world();
      const bytes = machine.physical(kinds.highmem[0]!);
      const copy = Uint8Array.from(bytes);
      const buffer = bytes.subarray(8, 8 + 64);
      const segments = segmentsOf([...before, [kinds.highmem[0], 0, 64]]);
      const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
      expect(moveThrough(jobOf(segments, { first: before.length, buffer }), gate)).to.equal(1);
      expect([...bytes.subarray(8, 72)]).to.deep.equal([...copy.subarray(0, 64)]);
    }
  });

  it('reads the buffer that it is given, and at the place that it is given', () => {
    const { machine, kinds } = world();
    const page = kinds.highmem[1]!;
    const segments = segmentsOf([[page, 0, 200]]);
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    const buffers = [1, 2].map((value) => new Uint8Array(PAGE).fill(value).fill(value + 10, 200));
    for (const [which, bufferOffset] of [
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 0],
      [0, 0],
      [0, 200],
      [0, 200],
      [0, 200],
      [0, 0],
    ] as const) {
      const buffer = buffers[which]!;
      moveThrough(jobOf(segments, { buffer, bufferOffset, toBuffer: false }), gate);
      expect(machine.physical(page)[199]).to.equal(buffer[bufferOffset]);
    }
  });
});

describe('openings', () => {
  it('counts the pieces above the gate among those that moved', () => {
    const { machine, kinds } = world();
    const { directEnd } = machine.hardware.memory;
    const gate = (closedUpTo: number): Gate => ({
      ptes: new Int32Array(1),
      slot: 0,
      closedUpTo,
      openUpTo: OPEN,
    });
    const [low, high] = [kinds.lowmem[0], kinds.highmem[0]];
    const mixed = jobOf(segmentsOf([high, low, high, low, high].map((page) => [page, 0, 8])));
    expect([0, 1, 2, 3, 4, 5].map((moved) => openings(mixed, moved, gate(directEnd)))).to.deep.equal([
      0, 1, 1, 2, 2, 3,
    ]);
    expect(openings({ ...mixed, first: 1 }, 3, gate(directEnd))).to.equal(1);
    expect(openings(mixed, 4, gate(0))).to.equal(4);
    expect(openings(mixed, 4, gate(OPEN))).to.equal(0);
  });
});
