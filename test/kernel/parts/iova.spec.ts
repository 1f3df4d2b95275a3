import { expect } from 'chai';
import fc from 'fast-check';
import { Iova } from '../../../lib/kernel/parts/iova.ts';
import type { IovaRun } from '../../../lib/kernel/parts/iova.ts';
import { at, dmaFixture } from '../dma/dma-fixture.ts';

const { low, high } = dmaFixture();
const piece = (page: 'a' | 'b' | 'c', offset: number, length: number) => ({
  page: { a: at(low, 0), b: at(high, 2), c: at(low, 3) }[page],
  offset,
  length,
});
const lengths = (run: IovaRun | undefined) => run?.segments.map(({ lengthBytes }) => lengthBytes);

describe('IOVA', () => {
  it('joins what ends and begins on page boundaries, up to the longest segment', () => {
    const list = [piece('a', 4000, 96), piece('b', 0, 4096), piece('c', 0, 100), piece('a', 0, 8)];
    expect(lengths(new Iova(4096, {}).take(list, 65536))).to.deep.equal([96 + 4096 + 100, 8]);
    expect(lengths(new Iova(4096, {}).take(list, 4192))).to.deep.equal([4192, 100, 8]);
    expect(lengths(new Iova(4096, { merges: false }).take(list, 65536))).to.deep.equal([96, 4096, 100, 8]);
  });

  it('keeps the offset inside the page', () => {
    const run = new Iova(4096, {}).take([piece('a', 4096 + 5, 10)], 65536);
    expect((run?.segments[0]?.address ?? 0) % 4096).to.equal(5);
  });

  it('runs out of addresses and has them again', () => {
    const iova = new Iova(4096, { pages: 4 });
    const run = iova.take([piece('a', 0, 8192)], 65536);
    const needed = { code: 'NoVirtualSpace', needPages: 3, freePages: 1, largestRunPages: 0 };
    expect(iova.noSpaceFor([piece('a', 1, 8192)])).to.deep.equal(needed);
    expect(iova.take([piece('a', 0, 4096)], 65536)).to.equal(undefined);
    if (run !== undefined) iova.give(run);
    expect(iova.take([piece('a', 0, 4096)], 65536)).to.not.equal(undefined);
  });

  it('lies above all memory where the device reaches there, else as high as it reaches, never at 0', () => {
    const first = (pages: number, mask?: number): readonly (number | undefined)[] => {
      const iova = new Iova(4096, { pages }, mask);
      const free = iova.noSpaceFor([]).freePages;
      return [iova.take([piece('a', 0, 1)], 65536)?.segments[0]?.address, free];
    };
    expect(first(4)).to.deep.equal([2 ** 44, 4]);
    expect(first(4, 2 ** 44 + 4 * 4096 - 1)).to.deep.equal([2 ** 44, 4]);
    expect(first(4, 2 ** 44 + 4 * 4096 - 2)).to.deep.equal([2 ** 44 - 4096, 4]);
    expect(first(4, 2 ** 32 - 1)).to.deep.equal([2 ** 32 - 4 * 4096, 4]);
    expect(first(4, 4 * 4096 - 1)).to.deep.equal([4096, 3]);
    expect(first(4, 4095)).to.deep.equal([undefined, 0]);
    expect(first(4, 0)).to.deep.equal([undefined, 0]);
    expect(new Iova(4096, {}).noSpaceFor([]).freePages).to.equal(65536);
  });

  it('begins a run where the last one and its guard page end, and later only for a boundary', () => {
    const pagesOfRuns = (
      boundary: number | undefined,
      ...counts: number[]
    ): readonly (number | undefined)[] => {
      const iova = new Iova(4096, { pages: 4096 });
      const runs = counts.map((count) => iova.take([piece('a', 0, count * 4096)], 2 ** 20, boundary));
      return runs.map((run) => run && run.firstPage - 2 ** 44 / 4096);
    };
    expect(pagesOfRuns(undefined, 2, 1, 3, 4)).to.deep.equal([0, 3, 5, 9]);
    // Pages lie between boundaries anyhow.
    expect(pagesOfRuns(4096, 2, 1, 3, 4)).to.deep.equal([0, 3, 5, 9]);
    expect(pagesOfRuns(2048, 2, 1, 3, 4)).to.deep.equal([0, 3, 5, 9]);
    expect(pagesOfRuns(8192, 2, 1, 2, 1, 3)).to.deep.equal([0, 3, 6, 9, 12]);
    expect(pagesOfRuns(65_536, 2, 1, 3, 1, 5, 17)).to.deep.equal([0, 3, 8, 12, 16, 32]);
  });

  it('lays no piece across a boundary that fits between two, and joins none across one', () => {
    const pieces = fc.array(
      fc.record({ offset: fc.nat(5000), length: fc.integer({ min: 1, max: 20_000 }) }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(pieces, fc.constantFrom(2048, 4096, 8192, 16_384, 65_536), (list, boundary) => {
        const given = list.map(({ offset, length }) => ({ page: at(low, 0), offset, length }));
        const run = new Iova(4096, { pages: 4096 }).take(given, 24_000, boundary);
        if (run === undefined) throw new Error('no run');
        let next = 0;
        let end = run.firstPage * 4096;
        for (const { address, first, count, lengthBytes } of run.segments) {
          expect(first).to.equal(next);
          const joined = given.slice(first, first + count);
          expect(lengthBytes).to.equal(joined.reduce((sum, { length }) => sum + length, 0));
          expect(address % 4096).to.equal((joined[0]?.offset ?? 0) % 4096);
          expect(address).to.be.at.least(end);
          const isLong = count === 1 && lengthBytes > boundary;
          const isAcross =
            Math.floor(address / boundary) !== Math.floor((address + lengthBytes - 1) / boundary);
          // A piece that begins inside a page cannot be moved to a boundary inside it.
          if (boundary >= 4096 && (joined[0]?.offset ?? 0) % 4096 === 0)
            expect(isAcross && !isLong).to.equal(false);
          if (count > 1) expect(lengthBytes <= 24_000 && !isAcross).to.equal(true);
          next += count;
          end = address + lengthBytes;
        }
        expect(next).to.equal(given.length);
      }),
    );
  });
});
