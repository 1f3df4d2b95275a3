import { expect } from 'chai';
import {
  SgTable,
  forEachSg,
  forEachSgDmaPage,
  forEachSgPage,
  forEachSgtableDmaPage,
  forEachSgtableDmaSg,
  forEachSgtablePage,
  forEachSgtableSg,
  mappedNents,
  origNents,
  sgDmaLen,
} from 'scatterlist';
import { PAGE, list } from '../sg-fixture.ts';

function table(): SgTable {
  const made = new SgTable();
  made.sgl = list(
    [
      [1, 0, PAGE, 0x10000, 2 * PAGE],
      [5, 0, PAGE, 0, 0],
      [9, 0, PAGE, 0, 0],
    ],
    [2, 1],
  );
  made.origNents = origNents(3);
  made.nents = mappedNents(1);
  return made;
}

describe('loops over lists', () => {
  it('end with the count or with the list', () => {
    const pfns = (nents: number) => Array.from(forEachSg(table().sgl, nents), (sg) => sg.page?.pfn);
    expect(pfns(2)).to.deep.equal([1, 5]);
    expect(pfns(9)).to.deep.equal([1, 5, 9]);
    expect(pfns(0)).to.deep.equal([]);
  });

  it('go over the entries of the CPU, or the segments of the device', () => {
    expect(Array.from(forEachSgtableSg(table()), (sg) => sg.length)).to.deep.equal([PAGE, PAGE, PAGE]);
    expect(Array.from(forEachSgtableDmaSg(table()), sgDmaLen)).to.deep.equal([2 * PAGE]);
  });

  it('go over pages', () => {
    expect(Array.from(forEachSgtablePage(table()), (page) => page.pfn)).to.deep.equal([1, 5, 9]);
    expect(Array.from(forEachSgPage(table().sgl, origNents(2), 1), (page) => page.pfn)).to.deep.equal([5]);
    expect([...forEachSgtableDmaPage(table())]).to.deep.equal([0x10000, 0x11000]);
    expect([...forEachSgDmaPage(table().sgl, mappedNents(1), 1)]).to.deep.equal([0x11000]);
  });

  it('do not take one count for the other', () => {
    // @ts-expect-error segments of the device
    expect([...forEachSgPage(table().sgl, table().nents)]).to.have.length(1);
    // @ts-expect-error entries of the CPU
    expect([...forEachSgDmaPage(table().sgl, table().origNents)]).to.not.be.empty;
    const made = table();
    // @ts-expect-error the counts are not interchangeable
    made.nents = made.origNents;
  });
});
