import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { firstRefused } from '../../backends/internal/first-refused.ts';

const PAGE = 4096;

describe('firstRefused', () => {
  const { memory } = createMachine({
    lowmemPages: 4,
    protectedPages: 0,
    highmemPages: 2,
    unmappablePages: 3,
  }).hardware;
  const first = memory.page(1);
  const kinds =
    (...refused: string[]) =>
    (offset: number, length: number) =>
      firstRefused(first, offset, length, ({ kind }) => refused.includes(kind))?.pfn;

  it('finds the first page of the run that is refused, wherever the run ends', () => {
    expect(kinds('lowmem')(0, 1)).to.equal(1);
    expect(kinds('highmem', 'unmappable')(0, 3 * PAGE)).to.equal(undefined);
    expect(kinds('highmem', 'unmappable')(1, 3 * PAGE)).to.equal(4);
    expect(kinds('unmappable')(0, 5 * PAGE)).to.equal(undefined);
    expect(kinds('unmappable')(0, 5 * PAGE + 1)).to.equal(6);
    expect(kinds('unmappable')(PAGE - 1, 2 ** 32)).to.equal(6);
    expect(kinds('iomem')(0, 2 ** 32)).to.equal(undefined);
  });
});
