import { expect } from 'chai';
import fc from 'fast-check';
import { SgArray, createMachine } from 'scatterlist';
import { Pieces } from '../../../lib/scatterlist/copy/pieces.ts';
import { SG_END } from '../../../lib/scatterlist/list/sg-array.ts';
import { PAGE, toPieces } from './pieces-fixture.ts';

function setUp() {
  const machine = createMachine({ mode: 'direct', lowmemPages: 64, highmemPages: 64, protectedPages: 4 });
  const pages = machine.allocPages(4, { zone: 'highmem' });
  return { machine, pages, memory: machine.hardware.memory };
}

/** The bytes of one piece from `from` to `to`. */
function partOf(pieces: Pieces, index: number, from: number, to: number): Uint8Array | undefined {
  return pieces.bytesOf(index, index + 1, from, pieces.lengthOf(index) - to);
}

describe('Pieces', () => {
  it('counts the bytes of its pieces', () => {
    const { pages } = setUp();
    const pieces = toPieces([
      [pages[0], 8, 100],
      [undefined, 0, 1],
      [pages[1], 0, PAGE],
    ]);
    expect([pieces.count, pieces.bytes]).to.deep.equal([3, PAGE + 101]);
    expect([0, 1, 2].map((i) => pieces.starts[i])).to.deep.equal([0, 100, 101]);
    expect([0, 1, 2].map((i) => pieces.endOf(i))).to.deep.equal([100, 101, PAGE + 101]);
    expect([0, 1, 2].map((i) => pieces.lengthOf(i))).to.deep.equal([100, 1, PAGE]);
    expect(pieces.pages).to.deep.equal([pages[0], undefined, pages[1]]);
  });

  it('finds the piece of a byte, at its edges too', () => {
    const { pages } = setUp();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 }), (lengths) => {
        const pieces = toPieces(lengths.map((length) => [pages[0], 0, length]));
        for (let i = 0; i < pieces.count; i += 1) {
          expect(pieces.indexAt(pieces.starts[i]!)).to.equal(i);
          expect(pieces.indexAt(pieces.endOf(i) - 1)).to.equal(i);
        }
        expect(pieces.indexAt(pieces.bytes)).to.equal(pieces.count - 1);
        expect(pieces.indexAt(-1)).to.equal(0);
      }),
      { numRuns: 50 },
    );
    expect(new Pieces().indexAt(0)).to.equal(0);
  });

  it('keeps what it knows when it grows', () => {
    const { machine } = setUp();
    const pages = machine.allocPages(40, { zone: 'highmem', layout: 'scattered' });
    const pieces = new Pieces();
    for (const [i, page] of pages.entries()) {
      pieces.add(page, i, 100 + i);
      for (let known = 0; known <= i; known += 1) {
        expect(pieces.frames[known]).to.equal(pages[known]!.pfn + 1);
        expect([pieces.pageOffsetOf(known), pieces.lengthOf(known)]).to.deep.equal([known, 100 + known]);
      }
    }
    const pfns = pages.map(({ pfn }) => pfn + 1);
    expect([pieces.lowest, pieces.highest]).to.deep.equal([Math.min(...pfns), Math.max(...pfns)]);
    expect(pieces.viewOf(39)!.byteOffset).to.equal(pages[39]!.chunkOffset + 39);
  });

  it('has an entry where the bytes are system RAM in one run: that of the last page', () => {
    const { machine, pages, memory } = setUp();
    const lowmem = memory.zones.find((zone) => zone.kind === 'lowmem')!;
    const lastLow = memory.page(lowmem.pages - 1);
    const guarded = machine.allocPage({ zone: 'protected' });
    const device = machine.ioRegion(1)[0];
    machine.physical(pages[0]!);
    machine.physical(pages[1]!);
    const apart = memory.page(lowmem.pages - 8);
    machine.physical(memory.page(apart.pfn + 1));
    machine.physical(apart);
    const pieces = toPieces([
      [pages[0], 8, PAGE - 8],
      [pages[0], 8, PAGE],
      [apart, 0, PAGE + 1],
      [lastLow, 0, PAGE],
      [lastLow, 1, PAGE],
      [guarded, 0, 8],
      [device, 0, 8],
      [undefined, 0, 8],
    ]);
    expect([...pieces.frames.subarray(0, 8)]).to.deep.equal([
      pages[0]!.pfn + 1,
      pages[0]!.pfn + 2,
      0,
      lastLow.pfn + 1,
      0,
      0,
      0,
      0,
    ]);
    expect([pieces.lowest, pieces.highest]).to.deep.equal([lastLow.pfn + 1, pages[0]!.pfn + 2]);
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((i) => pieces.viewOf(i)?.length)).to.deep.equal([
      PAGE - 8,
      PAGE,
      undefined,
      PAGE,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((i) => pieces.pageOffsetOf(i))).to.deep.equal([
      8, 8, 0, 0, 1, 0, 0, 0,
    ]);
  });

  it('ends with the memory, and has no bounds before the first entry', () => {
    const { memory } = setUp();
    const last = memory.page(memory.endPfn - 1);
    const pieces = toPieces([[last, PAGE - 8, 16]]);
    expect([pieces.frames[0], pieces.highest]).to.deep.equal([0, 0]);
    expect(pieces.lowest).to.be.above(memory.endPfn);
    pieces.add(last, PAGE - 8, 8);
    expect([pieces.lowest, pieces.highest]).to.deep.equal([memory.endPfn, memory.endPfn]);
  });

  it('takes plain entries of an array side by side, as if each had been added', () => {
    const { machine, memory } = setUp();
    const pages = [
      ...machine.allocPages(2, { zone: 'highmem' }),
      ...machine.allocPages(2, { zone: 'lowmem' }),
    ];
    for (const page of pages) machine.physical(page);
    const device = machine.ioRegion(1)[0]!;
    const rest = [device, memory.page(60), null, pages[0]!, pages[1]!, pages[2]!];
    const array = new SgArray(10);
    for (const [slot, page] of [...pages, ...rest].entries())
      array.set(slot, page, slot === 8 ? 0 : 100, slot === 7 ? PAGE - 99 : 8 * slot);
    const taken = (first: number, end = 10, mostBytes = Infinity): number =>
      new Pieces().addPlain(array, first, end, mostBytes);
    expect([0, 1, 2, 3].map((first) => taken(first))).to.deep.equal([4, 3, 2, 1]);
    // Device memory, a page without bytes, none, an entry over two pages, an empty one.
    expect([4, 5, 6, 7, 8].map((first) => taken(first))).to.deep.equal([0, 0, 0, 0, 0]);
    expect([taken(0, 2), taken(0, 10, 100), taken(0, 10, 101), taken(0, 10, 0)]).to.deep.equal([2, 1, 2, 0]);
    array.mark(1, SG_END);
    expect([0, 1, 2].map((first) => taken(first))).to.deep.equal([1, 1, 2]);
    array.mark(1, 0);
    const pieces = toPieces([[undefined, 0, 5]]);
    expect(pieces.addPlain(array, 0, 10, Infinity)).to.equal(4);
    const added = toPieces([[undefined, 0, 5], ...pages.map((page, i) => [page, 8 * i, 100] as const)]);
    for (const each of [pieces, added]) {
      expect([each.count, each.bytes, each.lowest, each.highest]).to.deep.equal([
        5,
        405,
        pages[2]!.pfn + 1,
        pages[1]!.pfn + 1,
      ]);
      expect([0, 1, 2, 3, 4].map((i) => each.pageOffsetOf(i))).to.deep.equal([0, 0, 8, 16, 24]);
      expect([0, 1, 2, 3, 4].map((i) => each.viewOf(i)?.byteOffset)).to.deep.equal([
        undefined,
        ...pages.map((page, i) => page.chunkOffset + 8 * i),
      ]);
    }
    expect([...pieces.frames.subarray(0, 5)]).to.deep.equal([...added.frames.subarray(0, 5)]);
    expect([...pieces.starts.subarray(0, 5)]).to.deep.equal([...added.starts.subarray(0, 5)]);
  });

  it('touches no run longer than 16 MiB, however long an entry says it is', () => {
    const machine = createMachine({ mode: 'direct', lowmemPages: 2 ** 21 });
    const page = machine.hardware.memory.page(1);
    const pieces = toPieces([
      [page, 0, 2 ** 24 + 1],
      [page, 0, 2 ** 32 - 1],
      [page, PAGE - 1, 2 ** 32 - 1],
    ]);
    expect([...pieces.frames.subarray(0, 3)]).to.deep.equal([0, 0, 0]);
    expect(machine.hardware.memory.touchedPages).to.equal(0);
  });

  it('makes each view once, and none before it is asked for', () => {
    const { machine, pages } = setUp();
    const pieces = toPieces([
      [pages[0], 8, 100],
      [pages[1], 0, PAGE],
    ]);
    expect(pieces.views).to.deep.equal([undefined, undefined]);
    const view = pieces.viewOf(0)!;
    view[0] = 77;
    expect([machine.physical(pages[0]!)[8], view.length]).to.deep.equal([77, 100]);
    expect(pieces.viewOf(0)).to.equal(view).and.to.equal(pieces.views[0]);
    pieces.makeViews(0, 2, undefined);
    expect(pieces.views[0]).to.equal(view);
    expect(pieces.views[1]!.length).to.equal(PAGE);
  });

  it('makes views of the pieces that are not for the word loop', () => {
    const { pages } = setUp();
    const pieces = toPieces([
      [pages[0], 0, 64],
      [pages[0], 64, 65],
      [pages[0], 1024, 56],
      [pages[0], 2048, 72],
    ]);
    pieces.makeViews(1, 4, pieces.wordRuns);
    expect(pieces.views.map((view) => view?.length)).to.deep.equal([undefined, 65, undefined, 72]);
    pieces.makeViews(0, 3, undefined);
    expect(pieces.views.map((view) => view?.length)).to.deep.equal([64, 65, 56, 72]);
  });

  it('keeps the parts at two ends of a range', () => {
    const { machine, pages } = setUp();
    const pieces = toPieces([
      [pages[0], 8, 100],
      [pages[1], 0, 100],
      [undefined, 0, 100],
    ]);
    const first = partOf(pieces, 0, 40, 100)!;
    const last = partOf(pieces, 1, 0, 30)!;
    first[0] = 5;
    last[29] = 6;
    expect([machine.physical(pages[0]!)[48], machine.physical(pages[1]!)[29]]).to.deep.equal([5, 6]);
    expect([first.length, last.length]).to.deep.equal([60, 30]);
    expect(partOf(pieces, 0, 40, 100)).to.equal(first);
    expect(partOf(pieces, 1, 0, 30)).to.equal(last);
    expect(partOf(pieces, 0, 40, 99)!.length).to.equal(59);
    expect(partOf(pieces, 1, 0, 30)).to.equal(last);
    for (const from of [41])
      expect(partOf(pieces, 0, from, 100)!.byteOffset - first.byteOffset).to.equal(from - 40);
    expect(partOf(pieces, 0, 40, 100)).not.to.equal(first);
    expect(partOf(pieces, 1, 0, 100)).to.equal(pieces.viewOf(1));
    const [one, two] = [0, 1].map((i) => partOf(pieces, i, 10, 20)!);
    expect(two!.byteOffset - one!.byteOffset).to.equal(pages[1]!.chunkOffset - pages[0]!.chunkOffset - 8);
    expect(partOf(pieces, 2, 1, 2)).to.equal(undefined);
    expect(partOf(pieces, 2, 0, 100)).to.equal(undefined);
  });

  it('looks later at the pieces that some bytes lie in, and at no other', () => {
    const looked = (from: number, end: number): readonly boolean[] => {
      const { pages } = setUp();
      const pieces = new Pieces();
      for (const page of pages) pieces.add(page, 0, 100, false);
      pieces.lookAt(from, end);
      return pages.map((_, i) => pieces.frames[i] !== 0);
    };
    expect(looked(0, 1)).to.deep.equal([true, false, false, false]);
    expect(looked(0, 100)).to.deep.equal([true, false, false, false]);
    expect(looked(0, 101)).to.deep.equal([true, true, false, false]);
    expect(looked(100, 200)).to.deep.equal([false, true, false, false]);
    expect(looked(99, 101)).to.deep.equal([true, true, false, false]);
    expect(looked(299, 301)).to.deep.equal([false, false, true, true]);
    expect(looked(0, 400)).to.deep.equal([true, true, true, true]);
  });

  it('looks at once at a piece that costs no memory of the host: one whose pages were all touched', () => {
    for (const touched of [[], [0], [1], [0, 1], [0, 2], [0, 1, 2]]) {
      const { machine } = setUp();
      const pages = machine.allocPages(3, { zone: 'highmem' });
      for (const i of touched) machine.physical(pages[i]!);
      const before = machine.hardware.memory.touchedPages;
      const isSeen = (offset: number, length: number): boolean => {
        const pieces = new Pieces();
        pieces.add(pages[0], offset, length, false);
        return !pieces.hasUnseen;
      };
      const has = (...needed: number[]): boolean => needed.every((i) => touched.includes(i));
      expect([isSeen(100, 2 * PAGE), isSeen(100, PAGE), isSeen(0, PAGE)]).to.deep.equal([
        has(0, 1, 2),
        has(0, 1),
        has(0),
      ]);
      expect(machine.hardware.memory.touchedPages).to.equal(before);
    }
  });

  it('looks later at a piece of many pages only where all of it is wanted', () => {
    const looked = (from: number, end: number): readonly boolean[] => {
      const { machine } = setUp();
      const pages = machine.allocPages(6, { zone: 'highmem' });
      const pieces = new Pieces();
      for (const first of [0, 2, 4]) pieces.add(pages[first], 0, 2 * PAGE, false);
      pieces.lookAt(from, end);
      return [0, 1, 2].map((i) => pieces.frames[i] !== 0);
    };
    expect(looked(0, 2 * PAGE)).to.deep.equal([true, false, false]);
    expect(looked(1, 2 * PAGE)).to.deep.equal([false, false, false]);
    expect(looked(0, 2 * PAGE - 1)).to.deep.equal([false, false, false]);
    expect(looked(2 * PAGE - 1, 2 * PAGE + 1)).to.deep.equal([false, false, false]);
    expect(looked(1, 6 * PAGE)).to.deep.equal([false, true, true]);
    expect(looked(0, 6 * PAGE - 1)).to.deep.equal([true, true, false]);
    expect(looked(1, 6 * PAGE - 1)).to.deep.equal([false, true, false]);
    expect(looked(0, 6 * PAGE)).to.deep.equal([true, true, true]);
  });

  it('tells which pieces lie in one run of the memory of the host', () => {
    const { machine, pages } = setUp();
    for (const page of pages) machine.physical(page);
    const [a, b, c, d] = pages;
    const [device] = machine.ioRegion(1);
    const pieces = toPieces([
      [a, 0, PAGE],
      [b, 0, 100],
      [b, 100, 28],
      [b, 129, 1],
      [undefined, 130, 1],
      [undefined, 131, 1],
      [d, PAGE - 8, 8],
      [c, 0, PAGE],
      [d, 0, PAGE],
      [device, 0, 8],
      [device, 8, 8],
    ]);
    expect([...pieces.heads.subarray(0, 11)]).to.deep.equal([0, 0, 0, 3, 4, 5, 6, 7, 7, 9, 10]);
    expect(pieces.isInRuns).to.equal(false);
    const ends = [0, 1, 2, 3, 4, 7, 8].map((first) => pieces.runEnd(first, 11));
    expect(ends).to.deep.equal([3, 3, 3, 4, 5, 9, 9]);
    expect(pieces.runEnd(0, 2)).to.equal(2);
    const run = pieces.bytesOf(0, 3, 0, 0)!;
    expect([run.byteOffset, run.length]).to.deep.equal([a!.chunkOffset, PAGE + 128]);
    const part = pieces.bytesOf(1, 3, 0, 0)!;
    expect([part.byteOffset, part.length]).to.deep.equal([b!.chunkOffset, 128]);
    expect(pieces.bytesOf(0, 2, 0, 0)!.length).to.equal(PAGE + 100);
    for (const from of [1, 2, 3, 4]) partOf(pieces, 7, from, 9);
    expect([pieces.bytesOf(0, 3, 0, 0), pieces.bytesOf(3, 4, 0, 0)]).to.deep.equal([run, pieces.viewOf(3)]);
    expect(pieces.bytesOf(0, 3, 0, 0)).to.equal(run);
    expect(pieces.bytesOf(1, 3, 0, 0)).not.to.equal(part);
    machine.physical(device!);
    expect([pieces.bytesOf(9, 10, 0, 0), partOf(pieces, 9, 1, 8)]).to.deep.equal([undefined, undefined]);
  });

  it('has no run over two buffers, and keeps one that ends the list', () => {
    const { machine } = setUp();
    const pages = machine.allocPages(20, { zone: 'highmem' });
    for (const page of pages) machine.physical(page);
    const [first, other, next, last] = [pages[0]!, pages[17]!, pages[18]!, pages[19]!];
    expect(first.chunkOffset + PAGE).to.equal(other.chunkOffset);
    const array = new SgArray(4);
    for (const [i, page] of [first, other, next, last].entries()) array.set(i, page, PAGE, 0);
    const plain = new Pieces();
    plain.addPlain(array, 0, 4, 4 * PAGE);
    for (const pieces of [toPieces([first, other, next, last].map((page) => [page, 0, PAGE])), plain]) {
      expect([...pieces.heads.subarray(0, 4)]).to.deep.equal([0, 1, 1, 1]);
      const run = pieces.bytesOf(1, 4, 0, 0)!;
      expect([run.buffer, run.byteOffset]).to.deep.equal([other.chunk!.bytes.buffer, other.chunkOffset]);
      for (const from of [1, 2, 3, 4, 5]) partOf(pieces, 0, from, 9);
      expect(pieces.bytesOf(1, 4, 0, 0)).to.equal(run);
    }
  });

  it('adds to the last run while it grows, from any source', () => {
    const { machine } = setUp();
    const pages = machine.allocPages(40, { zone: 'highmem', layout: 'scattered' });
    for (const page of pages) machine.physical(page);
    const array = new SgArray(20);
    for (const [i, page] of pages.slice(0, 20).entries()) array.set(i, page, PAGE, 0);
    const pieces = new Pieces();
    expect(pieces.addPlain(array, 0, 3, PAGE * 40)).to.equal(3);
    const short = pieces.bytesOf(0, 3, 0, 0)!;
    expect(pieces.addPlain(array, 3, 20, PAGE * 40)).to.equal(17);
    for (const page of pages.slice(20)) pieces.add(page, 0, PAGE);
    const chunks = pages.map(({ chunk, chunkOffset }) => [chunk, chunkOffset] as const);
    let head = 0;
    const heads = chunks.map(([chunk, offset], i) => {
      const [before, from] = chunks[i - 1] ?? [];
      if (chunk !== before || offset !== (from ?? 0) + PAGE) head = i;
      return head;
    });
    expect(new Set(heads).size).to.be.within(2, 5);
    expect([...pieces.heads.subarray(0, 40)]).to.deep.equal(heads);
    expect(pieces.isInRuns).to.equal(true);
    const end = pieces.runEnd(0, 40);
    const run = pieces.bytesOf(0, end, 0, 0)!;
    expect([short.length, run.length]).to.deep.equal([3 * PAGE, end * PAGE]);
    expect(pieces.bytesOf(0, end, 0, 0)).to.equal(run);
    // A view of its own only where a run begins.
    expect(pieces.views.filter((view) => view !== undefined).length).to.equal(
      new Set(heads.slice(0, 20)).size,
    );
  });

  it('has a view of device storage, and of nothing else', () => {
    const { machine, pages } = setUp();
    const [device] = machine.ioRegion(1);
    const [register] = machine.ioRegion(1, { handlers: { read: () => 0n, write: () => undefined } });
    const pieces = toPieces([
      [device, 16, 100],
      [register, 0, 8],
      [pages[0], 0, 8],
      [undefined, 0, 8],
    ]);
    machine.physical(device!)[16] = 9;
    const view = pieces.storageOf(0)!;
    expect([view[0], view.length, pieces.storageOf(0) === view]).to.deep.equal([9, 100, true]);
    expect([1, 2, 3].map((i) => pieces.storageOf(i))).to.deep.equal([undefined, undefined, undefined]);
  });

  it('has runs of short aligned pieces in words, where it begins with a short one', () => {
    const { machine, pages } = setUp();
    const [device] = machine.ioRegion(1);
    // The buffer behind the first pages is full by then, so the page has another.
    const [far, ...between] = machine.allocPages(16, { zone: 'lowmem' }).toReversed();
    for (const page of [...pages, ...between, far!]) machine.physical(page);
    const pieces = toPieces([
      [pages[0], 1, 64],
      [pages[0], 64, 64],
      [pages[1], 128, 64],
      [far, 64, 64],
      [far, 8, 56],
      [pages[1], 8, 72],
      [pages[1], 8, 4],
      [device, 0, 64],
      [undefined, 0, 64],
    ]);
    const { wordRuns } = pieces;
    const [near, away] = [pages[0]!.chunk!.words, far!.chunk!.words];
    expect(near).not.to.equal(away);
    expect(wordRuns).to.deep.equal([
      { end: 1, words: undefined, isLines: false },
      { end: 3, words: near, isLines: true },
      { end: 5, words: away, isLines: false },
      { end: 9, words: undefined, isLines: false },
    ]);
    away[(pieces.bases[4] ?? 0) / 8 + 1] = 0x0102n;
    expect([...machine.physical(far!).subarray(16, 18)]).to.deep.equal([2, 1]);
    expect(pieces.wordRuns).to.equal(wordRuns);
    pieces.add(pages[2], 0, 8);
    expect(pieces.wordRuns!.slice(3)).to.deep.equal([
      { end: 9, words: undefined, isLines: false },
      { end: 10, words: near, isLines: false },
    ]);
    expect(
      toPieces([
        [pages[0], 0, 72],
        [pages[0], 0, 8],
      ]).wordRuns,
    ).to.equal(undefined);
  });

  it('knows a buffer that is used again with the list at the same place', () => {
    const { pages } = setUp();
    const pieces = toPieces([[pages[0], 0, 8]]);
    const [buffer, other] = [new Uint8Array(8), new Uint8Array(8)];
    expect(pieces.peersIn(buffer, 0)).to.equal(undefined);
    const peers = pieces.peersIn(buffer, 0)!;
    expect(peers).to.deep.equal([undefined]);
    peers[0] = buffer;
    expect(pieces.peersIn(buffer, 0)).to.equal(peers);
    expect(pieces.peersIn(buffer, 4)).to.equal(undefined);
    expect(pieces.peersIn(buffer, 4)).to.deep.equal([undefined]);
    expect(pieces.peersIn(other, 4)).to.equal(undefined);
    expect(pieces.peersIn(buffer, 0)).to.equal(undefined);
    expect(pieces.peersIn(buffer, 0)).to.deep.equal([undefined]);
  });
});
