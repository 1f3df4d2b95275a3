import { expect } from 'chai';
import { createMachine, sgAllocTableFromPages } from 'scatterlist';
import { PageStructs } from '../../lib/machine/page-structs.ts';

function crossings(pfn: number, length: number, offset = 0): number {
  let found = 0;
  new PageStructs({ pageSize: 4096, pagesPerSection: 1024 }, [2], () => (found += 1)).check(
    pfn,
    length,
    offset,
  );
  return found;
}

describe('PageStructs', () => {
  it('finds bytes that run into a section whose structs lie apart', () => {
    expect(crossings(2047, 4096)).to.equal(0);
    expect(crossings(2047, 4097)).to.equal(1);
    expect(crossings(2046, 4096, 4097)).to.equal(1);
  });

  it('lets a range begin there, and cross into any other section', () => {
    expect(crossings(2048, 1024 * 4096)).to.equal(0);
    expect(crossings(1023, 8192)).to.equal(0);
  });

  it('counts in 32 bits, as C does', () => {
    expect(crossings(2047, 2 ** 32 - 1, 2 ** 32 - 1)).to.equal(0);
  });

  it('is asked for each entry of a table made from pages', () => {
    const machine = createMachine({
      gapSections: [1],
      pagesPerSection: 8,
      lowmemPages: 64,
      onViolation: 'record',
    });
    const { memory } = machine.hardware;
    const tableOf = (...pfns: number[]): readonly string[] => {
      const before = machine.violations.length;
      const pages = pfns.map((pfn) => memory.page(pfn));
      void sgAllocTableFromPages(pages, { size: pages.length * machine.pageSize }, { machine });
      return machine.violations.slice(before).map(({ rule }) => rule);
    };
    expect(tableOf(1, 3, 5, 8, 9, 16)).to.deep.equal([]);
    expect(tableOf(1, 3, 7, 8, 12, 14)).to.have.length(1);
  });

  it('is there on a machine of 7.2 with such sections only', () => {
    const gaps = { gapSections: [2] };
    expect(createMachine(gaps).hardware.memory.pageStructs).to.not.equal(undefined);
    expect(createMachine().hardware.memory.pageStructs).to.equal(undefined);
    expect(createMachine({ ...gaps, linux: '6.1' }).hardware.memory.pageStructs).to.equal(undefined);
  });
});
