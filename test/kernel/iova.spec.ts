import { expect } from 'chai';
import { Iova } from '../../lib/kernel/iova.ts';
import type { IovaRun } from '../../lib/kernel/iova.ts';
import { at, dmaBench } from './dma-bench.ts';

const { low, high } = dmaBench();
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
    expect(iova.pagesFor([piece('a', 1, 8192)])).to.equal(3);
    expect(iova.take([piece('a', 0, 4096)], 65536)).to.equal(undefined);
    if (run !== undefined) iova.give(run);
    expect(iova.take([piece('a', 0, 4096)], 65536)).to.not.equal(undefined);
  });
});
