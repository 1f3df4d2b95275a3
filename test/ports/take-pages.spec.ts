import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { takePages } from 'scatterlist/ports';

describe('takePages', () => {
  for (const memory of ['lowmem', 'highmem', 'iomem', 'protected', 'unmappable'] as const)
    it(`takes ${memory} pages`, () => {
      const machine = createMachine({ protectedPages: 8, unmappablePages: 8 });
      expect(takePages(machine, memory, 3).map(({ kind }) => kind)).to.deep.equal([memory, memory, memory]);
    });

  it('takes them one behind the other if it is told to', () => {
    const [a, b] = takePages(createMachine(), 'highmem', 2, 'contiguous');
    expect(Number(b?.pfn) - Number(a?.pfn)).to.equal(1);
  });
});
