import { expect } from 'chai';
import {
  iovIterBvec,
  iovIterDiscard,
  iovIterExtractWillPin,
  iovIterFolioQueue,
  iovIterKvec,
  iovIterUser,
  unpinUserPage,
  virtAddr,
} from 'scatterlist';
import type { IovIter } from 'scatterlist';
import { Folio } from 'scatterlist/machine';
import { PAGE, machine, page, pages } from './sg-fixture.ts';

const at = (address: number) => virtAddr(machine.hardware.addresses.pageOffset + address);

/** `[pfn, offset, length]` of the runs left. */
function runs(iter: IovIter): readonly (readonly number[])[] {
  const found = [];
  for (let run = iter.current; run !== undefined; run = iter.current) {
    found.push([run.page.pfn, run.offset, run.length]);
    iter.advance(run.length);
  }
  return found;
}

describe('IovIter', () => {
  it('goes over user buffers page by page', () => {
    const iter = iovIterUser([
      { pages: pages(7, 3), offset: 100, length: 5000 },
      { pages: pages(9), offset: 0, length: 10 },
    ]);
    expect(iter.count).to.equal(5010);
    expect(runs(iter)).to.deep.equal([
      [7, 100, 3996],
      [3, 0, 1004],
      [9, 0, 10],
    ]);
    expect(iter.count).to.equal(0);
  });

  it('goes over kernel buffers page by page, and over runs and folios whole', () => {
    const kvec = iovIterKvec(machine, [
      { address: at(5 * PAGE - 6), length: 10 },
      { address: at(0), length: 0 },
    ]);
    expect(kvec.ok && runs(kvec.value)).to.deep.equal([
      [4, PAGE - 6, 6],
      [5, 0, 4],
    ]);
    expect(runs(iovIterBvec([{ page: page(4), offset: 5000, length: 9000 }]))).to.deep.equal([
      [4, 5000, 9000],
    ]);
    expect(runs(iovIterFolioQueue([new Folio(page(8), 4)]))).to.deep.equal([[8, 0, 4 * PAGE]]);
  });

  it('refuses kernel addresses outside lowmem', () => {
    for (const address of [virtAddr(16), virtAddr(machine.hardware.addresses.directEnd - 4)]) {
      const made = iovIterKvec(machine, [{ address, length: 10 }]);
      expect(made).to.have.nested.property('error.code', 'InvalidArgument');
    }
  });

  it('says who must unpin', () => {
    const empty: IovIter[] = [iovIterBvec([]), iovIterFolioQueue([]), iovIterDiscard(5)];
    expect(empty.map(iovIterExtractWillPin)).to.deep.equal([false, false, false]);
    expect(iovIterExtractWillPin(iovIterUser([]))).to.be.true;
  });

  it('counts pins', () => {
    const iter = iovIterUser([{ pages: pages(7), offset: 0, length: 1 }]);
    iter.pins.set(page(7), 2);
    expect([1, 2, 3].map(() => unpinUserPage(iter, page(7)))).to.deep.equal([true, true, false]);
    expect(iter.pins.size).to.equal(0);
  });
});
