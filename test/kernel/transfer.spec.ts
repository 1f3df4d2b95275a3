import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine } from 'scatterlist';
import { openings } from '../../lib/kernel/gate.ts';
import type { Gate } from '../../lib/kernel/gate.ts';
import { bytesIn, moveThrough, openRun, shiftOf } from '../../lib/kernel/transfer.ts';
import { OPEN, PAGE, PAGES, jobOf, segmentsOf, world } from './transfer-fixture.ts';
import type { Piece } from './transfer-fixture.ts';

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
  /** How many pieces it is cut into, one behind the other in memory. */
  parts: fc.integer({ min: 1, max: 6 }),
});

/** Pieces that lie in runs, or do not. */
const pieces = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 24 }), fc.boolean())
  .map(([all, inRuns]) => (inRuns ? all.slice(0, 8).flatMap(({ parts, ...one }) => cut(one, parts)) : all));

function cut(whole: Omit<typeof piece extends fc.Arbitrary<infer T> ? T : never, 'parts'>, parts: number) {
  return Array.from({ length: parts }, (_, i) => ({ ...whole, offset: whole.offset + i * whole.length }));
}

const anyJob = fc.record({
  pieces,
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

describe('shiftOf and bytesIn', () => {
  const machine = createMachine({ mode: 'direct' });
  const pages = machine.allocPages(3, { zone: 'highmem' });
  const segments = segmentsOf(pages.map((page, i) => [page, 10 * i, 100]));

  it('place byte 0 of the list in the buffer', () => {
    expect(shiftOf(jobOf(segments))).to.equal(0);
    expect(shiftOf(jobOf(segments, { first: 2, skipBytes: 5, bufferOffset: 7 }))).to.equal(198);
  });

  it('cut the first piece at its start, the last one at its end, and no other', () => {
    const job = jobOf(segments, { skipBytes: 30, cutBytes: 20 });
    const parts = [0, 1, 2].map((i) => bytesIn(job, i, i + 1)!);
    const base = (i: number) => pages[i]!.chunkOffset + 10 * i;
    expect(parts.map(({ byteOffset, length }) => [byteOffset, length])).to.deep.equal([
      [base(0) + 30, 70],
      [base(1), 100],
      [base(2), 80],
    ]);
    expect(parts[1]).to.equal(segments.viewOf(1));
    const both = bytesIn(jobOf(segments, { first: 1, end: 2, skipBytes: 1, cutBytes: 2 }), 1, 2)!;
    expect([both.byteOffset, both.length]).to.deep.equal([base(1) + 1, 97]);
  });
});

describe('openRun', () => {
  const machine = createMachine({ mode: 'direct' });
  const low = machine.allocPages(2, { zone: 'lowmem' });
  const high = machine.allocPages(2, { zone: 'highmem' });
  for (const page of [...low, ...high]) machine.physical(page);
  const segments = segmentsOf([...low, ...high].map((page) => [page, 0, PAGE]));
  const { directEnd } = machine.hardware.memory;

  it('sets the entry of each piece that needs one, and stops at one that cannot go through', () => {
    expect(segments.runEnd(0, 4)).to.equal(4);
    const ptes = Int32Array.of(-1, -2);
    const gate = { ptes, slot: 1, closedUpTo: directEnd, openUpTo: OPEN };
    expect([openRun(segments, gate, 0, 2), ...ptes]).to.deep.equal([2, -1, -2]);
    expect([openRun(segments, gate, 0, 3), ...ptes]).to.deep.equal([3, -1, high[0]!.pfn + 1]);
    expect([openRun(segments, gate, 1, 4), ...ptes]).to.deep.equal([4, -1, high[1]!.pfn + 1]);
    const shut = { ...gate, openUpTo: directEnd };
    expect([openRun(segments, shut, 0, 4), ...ptes]).to.deep.equal([2, -1, high[1]!.pfn + 1]);
    expect([openRun(segments, shut, 2, 4), ...ptes]).to.deep.equal([2, -1, high[1]!.pfn + 1]);
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

  it('moves pieces one behind the other in the memory of the host in one go, whatever their frames', () => {
    const machine = createMachine({ mode: 'direct' });
    const pages = machine.allocPages(5, { zone: 'highmem', layout: 'scattered' });
    for (const [i, page] of pages.entries()) machine.physical(page).fill(i + 1);
    const segments = segmentsOf(pages.map((page) => [page, 0, PAGE]));
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    for (const [skipBytes, cutBytes] of [
      [0, 0],
      [10, 0],
      [0, 20],
      [10, 20],
    ] as const) {
      for (const toBuffer of [true, false]) {
        const job = jobOf(segments, { skipBytes, cutBytes, toBuffer });
        expect(moveThrough(job, gate)).to.equal(5);
        const there = pages.flatMap((page) => [...machine.physical(page)]);
        const end = 5 * PAGE - cutBytes;
        expect([...job.buffer.subarray(0, end - skipBytes)]).to.deep.equal(there.slice(skipBytes, end));
        if (toBuffer)
          expect(there).to.deep.equal(pages.flatMap((_, i) => new Array<number>(PAGE).fill(i + 1)));
        for (const [i, page] of pages.entries()) machine.physical(page).fill(i + 1);
      }
    }
    // The run and its parts: no page needed a view of its own.
    expect(segments.views.every((view) => view === undefined)).to.equal(true);
    // Few pieces move by themselves.
    moveThrough(jobOf(segments, { end: 3 }), gate);
    expect(segments.views.map((view) => view?.length)).to.deep.equal([
      PAGE,
      PAGE,
      PAGE,
      undefined,
      undefined,
    ]);
  });

  it('moves them one by one where the buffer lies over them', () => {
    for (const toBuffer of [true, false]) {
      const machine = createMachine({ mode: 'direct' });
      const pages = machine.allocPages(5, { zone: 'highmem' });
      for (const [i, page] of pages.entries()) machine.physical(page).fill(i + 1);
      const { bytes } = pages[0]!.chunk!;
      const segments = segmentsOf(pages.slice(0, 4).map((page) => [page, 0, PAGE]));
      const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
      expect(segments.isInRuns).to.equal(true);
      // A page further on, to which each page is moved, or from which it is filled.
      const buffer = bytes.subarray(pages[1]!.chunkOffset, pages[4]!.chunkOffset + PAGE);
      expect(moveThrough(jobOf(segments, { buffer, toBuffer }), gate)).to.equal(4);
      const now = pages.map((page) => machine.physical(page)[7]);
      expect(now).to.deep.equal(toBuffer ? [1, 1, 1, 1, 1] : [2, 3, 4, 5, 5]);
    }
  });

  it('reads a run from the right place of the buffer, whatever range was moved before', () => {
    const machine = createMachine({ mode: 'direct' });
    const pages = machine.allocPages(6, { zone: 'highmem' });
    for (const page of pages) machine.physical(page);
    const segments = segmentsOf(pages.map((page) => [page, 0, PAGE]));
    const buffer = Uint8Array.from({ length: 6 * PAGE }, (_, i) => i * 31 + (i >> 8));
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    // Byte 0 of the list at byte 0 of the buffer each time, so that views of the buffer are kept in between.
    for (const [first, end, skipBytes, cutBytes] of [
      [0, 6, 0, 0],
      [0, 6, 0, 0],
      [0, 6, 10, 0],
      [0, 6, 0, 10],
      [0, 6, 10, 0],
      [0, 3, 0, 0],
      [1, 6, 0, 0],
      [1, 2, 0, 0],
      [1, 5, 7, 0],
      [1, 5, 0, 7],
      [0, 6, 0, 0],
    ] as const) {
      for (const page of pages) machine.physical(page).fill(0xee);
      const from = PAGE * first + skipBytes;
      const to = PAGE * end - cutBytes;
      const job = { first, end, skipBytes, cutBytes, buffer, bufferOffset: from, toBuffer: false };
      expect(moveThrough(jobOf(segments, job), gate)).to.equal(end - first);
      const expected = new Uint8Array(6 * PAGE).fill(0xee);
      expected.set(buffer.subarray(from, to), from);
      const now = Buffer.concat(pages.map((page) => machine.physical(page)));
      expect(now.equals(expected), String([first, end, skipBytes, cutBytes])).to.equal(true);
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
