import { expect } from 'chai';
import { countFrom, countRam, storageIn } from '../../../lib/kernel/parts/piece-range.ts';
import { piecesFixture, spanOf, world } from '../../scatterlist/copy/pieces-fixture.ts';

describe('countRam', () => {
  it('counts pieces up to the first that is not RAM, or lies too high', () => {
    const { machine, kinds } = world();
    const { directEnd } = machine.hardware.memory;
    const [low, high, io] = [kinds.lowmem[0], kinds.highmem[0], kinds.iomem[0]];
    const counts = (pages: readonly (typeof low)[], parts = {}): readonly number[] =>
      [Infinity, directEnd].map((endPfn) =>
        countRam(
          spanOf(
            pages.map((page) => [page, 0, 8]),
            parts,
          ),
          endPfn,
        ),
      );
    expect(counts([low, low, low])).to.deep.equal([3, 3]);
    expect(counts([low, low, high, low])).to.deep.equal([4, 2]);
    expect(counts([low, io, low])).to.deep.equal([1, 1]);
    expect(counts([low, io, low], { first: 2 })).to.deep.equal([1, 1]);
    expect(counts([undefined, low])).to.deep.equal([0, 0]);
    expect(counts([high, low, low], { first: 1, end: 2 })).to.deep.equal([1, 1]);
  });

  it('takes the last page below the end, and none above it', () => {
    const { machine } = piecesFixture('lowmem');
    const { memory } = machine.hardware;
    for (const [pfn, count] of [
      [memory.directEnd - 1, 1],
      [memory.directEnd, 0],
    ] as const) {
      const page = memory.page(pfn);
      machine.physical(page);
      expect(countRam(spanOf([[page, 0, 8]]), memory.directEnd)).to.equal(count);
      expect(countFrom(spanOf([[page, 0, 8]]), 1, memory.directEnd)).to.equal(1 - count);
    }
  });
});

describe('countFrom', () => {
  it('counts the pieces from a frame on among the first ones', () => {
    const { machine, kinds } = world();
    const { directEnd } = machine.hardware.memory;
    const [low, high] = [kinds.lowmem[0], kinds.highmem[0]];
    const mixed = spanOf([high, low, high, low, high].map((page) => [page, 0, 8]));
    expect([0, 1, 2, 3, 4, 5].map((count) => countFrom(mixed, count, directEnd))).to.deep.equal([
      0, 1, 1, 2, 2, 3,
    ]);
    expect(countFrom({ ...mixed, first: 1 }, 3, directEnd)).to.equal(1);
    const { memory } = machine.hardware;
    for (const [pfn, count] of [
      [directEnd - 1, 1],
      [directEnd, 2],
    ] as const) {
      const edge = memory.page(pfn);
      machine.physical(edge);
      const atEdge = spanOf([low, edge, high].map((page) => [page, 0, 8]));
      expect(countFrom(atEdge, 3, directEnd)).to.equal(count);
    }
    expect(countFrom(mixed, 4, 0)).to.equal(4);
    expect(countFrom(mixed, 4, 2 ** 31)).to.equal(0);
  });
});

describe('storageIn', () => {
  it('cuts the first piece at its start and the last at its end', () => {
    const { kinds } = world();
    const span = spanOf(
      kinds.iomem.slice(0, 3).map((page) => [page, 100, 50]),
      { skipBytes: 7, cutBytes: 9 },
    );
    expect([0, 1, 2].map((i) => storageIn(span, i)?.length)).to.deep.equal([43, 50, 41]);
    expect(storageIn({ ...span, end: 1 }, 0)).to.have.length(34);
    expect(storageIn(span, 1)).to.equal(span.pieces.storageOf(1));
    expect(storageIn(spanOf([[kinds.lowmem[0], 0, 8]]), 0)).to.equal(undefined);
  });
});
