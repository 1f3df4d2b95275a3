import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine } from 'scatterlist';
import { fillSpan, moveSpan, shiftOf } from '../../../lib/scatterlist/copy/move.ts';
import { PAGE, PAGES, bytesOf, spanOf, toPieces, world } from './pieces-fixture.ts';
import type { Piece } from './pieces-fixture.ts';

type Kind = keyof ReturnType<typeof world>['kinds'];

const piece = fc.record({
  kind: fc.constantFrom<'lowmem' | 'highmem'>('lowmem', 'highmem'),
  page: fc.nat(PAGES - 1),
  offset: fc.oneof(
    fc.nat(30).map((n) => n * 64),
    fc.nat(2000),
  ),
  length: fc.oneof(fc.constantFrom(8, 56, 64, 72), fc.integer({ min: 1, max: 300 })),
  /** How many pieces it is cut into, one behind the other in memory. */
  parts: fc.integer({ min: 1, max: 6 }),
});

type AnyPiece = Omit<typeof piece extends fc.Arbitrary<infer T> ? T : never, 'parts' | 'kind'> & {
  readonly kind: Kind;
};

/** Pieces that lie in runs, or do not; of RAM, or of a device. */
const pieces = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 24 }), fc.boolean(), fc.nat(5))
  .map(([all, inRuns, device]): readonly AnyPiece[] => {
    const cutUp = inRuns ? all.slice(0, 8).flatMap(({ parts, ...one }) => cut(one, parts)) : all;
    return device === 0 ? cutUp.map((one) => ({ ...one, kind: 'iomem' })) : cutUp;
  });

function cut(whole: AnyPiece, parts: number): readonly AnyPiece[] {
  return Array.from({ length: parts }, (_, i) => ({ ...whole, offset: whole.offset + i * whole.length }));
}

const anyMove = fc.record({
  pieces,
  first: fc.nat(5),
  without: fc.nat(5),
  skip: fc.nat(1000),
  cut: fc.nat(1000),
  edges: fc.boolean(),
  at: fc.constantFrom(0, 0, 8, 3, 64),
  misalign: fc.constantFrom(0, 0, 1, 4),
  work: fc.constantFrom('toBuffer', 'fromBuffer', 'fill'),
});

type AnyMove = typeof anyMove extends fc.Arbitrary<infer T> ? T : never;

/** Moves the span byte by byte. */
function expected(how: AnyMove, edges: Edges, buffer: Uint8Array) {
  const { machine, kinds } = world();
  let { at } = how;
  for (let i = edges.first; i < edges.end; i += 1) {
    const { kind, page, offset, length } = how.pieces[i]!;
    const from = i === edges.first ? edges.skipBytes : 0;
    const to = length - (i === edges.end - 1 ? edges.cutBytes : 0);
    const bytes = machine.physical(kinds[kind][page]!).subarray(offset + from, offset + to);
    if (how.work === 'toBuffer') buffer.set(bytes, at);
    else if (how.work === 'fromBuffer') bytes.set(buffer.subarray(at, at + bytes.length));
    else bytes.fill(201);
    at += bytes.length;
  }
  return { memory: memoryOf(machine, kinds), buffer: [...buffer] };
}

function memoryOf(machine: ReturnType<typeof world>['machine'], kinds: ReturnType<typeof world>['kinds']) {
  return [...kinds.lowmem, ...kinds.highmem, ...kinds.iomem].map((page) =>
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
function edgesOf(how: AnyMove): Edges {
  const count = how.pieces.length;
  const first = how.first % count;
  const end = Math.max(first + 1, count - how.without);
  if (!how.edges) return { first, end, skipBytes: 0, cutBytes: 0 };
  const skipBytes = how.skip % how.pieces[first]!.length;
  const left = how.pieces[end - 1]!.length - (end - 1 === first ? skipBytes : 0);
  return { first, end, skipBytes, cutBytes: how.cut % left };
}

describe('shiftOf', () => {
  it('places byte 0 of the list in the buffer', () => {
    const machine = createMachine({ mode: 'direct' });
    const all = spanOf(machine.allocPages(3, { zone: 'highmem' }).map((page, i) => [page, 10 * i, 100]));
    const peer = { buffer: new Uint8Array(0), at: 0, toBuffer: true };
    expect(shiftOf(all, peer)).to.equal(0);
    expect(shiftOf({ ...all, first: 2, skipBytes: 5 }, { ...peer, at: 7 })).to.equal(198);
  });
});

describe('moveSpan and fillSpan', () => {
  it('move what a loop over the bytes would', () => {
    fc.assert(
      fc.property(anyMove, (how) => {
        const edges = edgesOf(how);
        const { machine, kinds } = world();
        const all = toPieces(
          how.pieces.map(({ kind, page, offset, length }): Piece => [kinds[kind][page], offset, length]),
        );
        const roomBytes = all.bytes + how.at + 8;
        const room = Uint8Array.from({ length: roomBytes + 8 }, (_, i) => i * 29 + (i >> 4));
        const buffer = room.subarray(how.misalign, how.misalign + roomBytes);
        const want = expected(how, edges, Uint8Array.from(buffer));
        const span = spanOf(all, edges);
        // Three times: views of the buffer are kept from the second on and used from the third.
        for (let time = 0; time < 3; time += 1) {
          if (how.work === 'fill') fillSpan(span, 201);
          else moveSpan(span, { buffer, at: how.at, toBuffer: how.work === 'toBuffer' });
        }
        expect([...buffer]).to.deep.equal(want.buffer);
        expect(memoryOf(machine, kinds)).to.deep.equal(want.memory);
      }),
      { numRuns: 400 },
    );
  });

  it('refuse a piece that has no bytes', () => {
    const { kinds } = world();
    for (const at of [0, 1]) {
      const list: Piece[] = [
        [kinds.highmem[0], 0, 64],
        [kinds.highmem[1], 0, 64],
      ];
      list[at] = [undefined, 0, 64];
      const peer = { buffer: new Uint8Array(128), at: 0, toBuffer: true };
      const named = new RegExp(`passed piece ${String(at)} of a list`);
      expect(() => {
        moveSpan(spanOf(list), peer);
      }).to.throw(named);
      expect(() => {
        moveSpan(spanOf(list, { skipBytes: 1 }), { ...peer, toBuffer: false });
      }).to.throw(named);
      expect(() => {
        moveSpan(spanOf(list, { cutBytes: 1 }), peer);
      }).to.throw(named);
      expect(() => {
        fillSpan(spanOf(list), 1);
      }).to.throw(named);
    }
  });

  it('move pieces one behind the other in the memory of the host in one go, whatever their frames', () => {
    const machine = createMachine({ mode: 'direct' });
    const pages = machine.allocPages(5, { zone: 'highmem', layout: 'scattered' });
    const fill = (): void => {
      for (const [i, page] of pages.entries()) machine.physical(page).fill(i + 1);
    };
    fill();
    const all = toPieces(pages.map((page) => [page, 0, PAGE]));
    for (const [skipBytes, cutBytes] of [
      [0, 0],
      [10, 0],
      [0, 20],
      [10, 20],
    ] as const) {
      for (const toBuffer of [true, false]) {
        const span = spanOf(all, { skipBytes, cutBytes });
        const buffer = new Uint8Array(bytesOf(span)).fill(77);
        moveSpan(span, { buffer, at: 0, toBuffer });
        const there = pages.flatMap((page) => [...machine.physical(page)]);
        expect([...buffer]).to.deep.equal(there.slice(skipBytes, 5 * PAGE - cutBytes));
        expect(there[PAGE]).to.equal(toBuffer ? 2 : 77);
        fill();
      }
    }
    // The run and its parts: no page needed a view of its own.
    expect(all.views.every((view) => view === undefined)).to.equal(true);
    // Few pieces move by themselves.
    moveSpan(spanOf(all, { end: 3 }), { buffer: new Uint8Array(3 * PAGE), at: 0, toBuffer: true });
    expect(all.views.map((view) => view?.length)).to.deep.equal([PAGE, PAGE, PAGE, undefined, undefined]);
  });

  it('read a run from the right place of the buffer, whatever range was moved before', () => {
    const machine = createMachine({ mode: 'direct' });
    const pages = machine.allocPages(6, { zone: 'highmem' });
    for (const page of pages) machine.physical(page);
    const all = toPieces(pages.map((page) => [page, 0, PAGE]));
    const buffer = Uint8Array.from({ length: 6 * PAGE }, (_, i) => i * 31 + (i >> 8));
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
      moveSpan(spanOf(all, { first, end, skipBytes, cutBytes }), { buffer, at: from, toBuffer: false });
      const wanted = new Uint8Array(6 * PAGE).fill(0xee);
      wanted.set(buffer.subarray(from, to), from);
      const now = Buffer.concat(pages.map((page) => machine.physical(page)));
      expect(now.equals(wanted), String([first, end, skipBytes, cutBytes])).to.equal(true);
    }
  });

  it('read the buffer that they are given, and at the place that they are given', () => {
    const { machine, kinds } = world();
    const page = kinds.highmem[1]!;
    const all = toPieces([[page, 0, 200]]);
    const buffers = [1, 2].map((value) => new Uint8Array(PAGE).fill(value).fill(value + 10, 200));
    for (const [which, at] of [
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
      moveSpan(spanOf(all), { buffer, at, toBuffer: false });
      expect(machine.physical(page)[199]).to.equal(buffer[at]);
    }
  });

  it('fill pieces one behind the other in one go', () => {
    const machine = createMachine({ mode: 'direct' });
    const pages = machine.allocPages(3, { zone: 'lowmem' });
    const all = toPieces(pages.map((page) => [page, 0, PAGE]));
    fillSpan(spanOf(all), 9);
    expect(pages.map((page) => machine.physical(page)[PAGE - 1])).to.deep.equal([9, 9, 9]);
    expect(all.views.every((view) => view === undefined)).to.equal(true);
  });
});

describe('moveSpan behind 2 GiB of a buffer', () => {
  // The host gives such a buffer no memory but for the pages that are written.
  const buffer = new Uint8Array(2 ** 31 + 2 ** 16);

  for (const [how, list] of [
    [
      'whole pieces',
      [
        [0, 0, 500],
        [2, 8, 700],
        [1, 3, 900],
      ],
    ],
    [
      'pieces in runs',
      [
        [0, 0, 100],
        [0, 100, 100],
        [0, 200, 100],
        [0, 300, 100],
        [1, 0, 64],
        [1, 64, 64],
      ],
    ],
    [
      'short words',
      [
        [0, 0, 64],
        [2, 64, 64],
        [1, 0, 64],
        [3, 8, 64],
        [0, 512, 64],
      ],
    ],
  ] as const)
    for (const at of [2 ** 31 - 8, 2 ** 31, 2 ** 31 + 5])
      for (const edges of [{}, { skipBytes: 7, cutBytes: 9 }])
        it(`${how}, at ${at.toString(16)}, ${'skipBytes' in edges ? 'cut' : 'all'}`, () => {
          const { kinds } = world();
          const span = spanOf(
            list.map(([page, offset, length]) => [kinds.highmem[page], offset, length]),
            edges,
          );
          const length = bytesOf(span);
          const inList = new Uint8Array(length);
          moveSpan(span, { buffer: inList, at: 0, toBuffer: true });
          moveSpan(span, { buffer, at, toBuffer: true });
          expect(buffer.slice(at, at + length)).to.deep.equal(inList);
          expect([buffer[at - 1], buffer[at + length]]).to.deep.equal([0, 0]);
          for (let i = 0; i < length; i += 1) buffer[at + i] = i * 3;
          // Twice, because views of the buffer are kept from the second time on.
          for (let turn = 0; turn < 3; turn += 1) {
            moveSpan(span, { buffer: new Uint8Array(length), at: 0, toBuffer: false });
            moveSpan(span, { buffer, at, toBuffer: false });
            moveSpan(span, { buffer: inList, at: 0, toBuffer: true });
            expect(inList).to.deep.equal(buffer.slice(at, at + length));
          }
          buffer.fill(0, at, at + length);
        });
});
