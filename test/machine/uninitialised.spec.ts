import { expect } from 'chai';
import { PhysicalMemory } from '../../lib/machine/memory.ts';
import { Uninitialised } from '../../lib/machine/uninitialised.ts';

const PAGE = 256;

function fresh() {
  const memory = new PhysicalMemory(PAGE, {
    lowmem: 4,
    highmem: 0,
    protected: 0,
    unmappable: 0,
    directMapsHighmem: false,
  });
  const page = memory.page(1);
  const uninitialised = new Uninitialised();
  uninitialised.allocated(page);
  return { uninitialised, page, other: memory.page(2) };
}

describe('uninitialised bytes', () => {
  it('are all of a page that was allocated, and none of one that was not', () => {
    const { uninitialised, page, other } = fresh();
    expect(uninitialised.firstIn(page, 0, PAGE)).to.equal(0);
    expect(uninitialised.firstIn(page, PAGE - 1, 1)).to.equal(PAGE - 1);
    expect(uninitialised.firstIn(other, 0, PAGE)).to.equal(undefined);
  });

  it('are fewer by those that were written', () => {
    const { uninitialised, page } = fresh();
    uninitialised.written(page, 0, 16);
    uninitialised.written(page, 20, 4);
    expect(uninitialised.firstIn(page, 0, 16)).to.equal(undefined);
    expect(uninitialised.firstIn(page, 0, 32)).to.equal(16);
    expect(uninitialised.firstIn(page, 18, 8)).to.equal(18);
    expect(uninitialised.firstIn(page, 20, 4)).to.equal(undefined);
    expect(uninitialised.firstIn(page, 20, 5)).to.equal(24);
  });

  it('are all of the page again when it is allocated again', () => {
    const { uninitialised, page } = fresh();
    uninitialised.written(page, 0, PAGE);
    expect(uninitialised.firstIn(page, 0, PAGE)).to.equal(undefined);
    expect([...uninitialised.pages.keys()], 'it need not be looked at').to.not.include(page);
    uninitialised.allocated(page);
    expect(uninitialised.firstIn(page, 5, 1)).to.equal(5);
  });

  it('can be made anew, on a page that was not tracked as well', () => {
    const { uninitialised, page, other } = fresh();
    uninitialised.written(page, 0, PAGE);
    uninitialised.unwritten(page, 8, 4);
    uninitialised.unwritten(other, 16, 1);
    expect(uninitialised.firstIn(page, 0, PAGE)).to.equal(8);
    expect(uninitialised.firstIn(page, 12, 8)).to.equal(undefined);
    expect(uninitialised.firstIn(other, 0, PAGE)).to.equal(16);
  });
});
