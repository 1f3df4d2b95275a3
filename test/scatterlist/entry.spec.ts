import { expect } from 'chai';
import {
  __sgFlags,
  createMachine,
  sgAssignPage,
  sgChain,
  sgChainPtr,
  sgInitMarker,
  sgInitTable,
  sgIsChain,
  sgIsLast,
  sgMarkEnd,
  sgNents,
  sgNext,
  sgPage,
  sgSetPage,
  sgUnmarkEnd,
} from 'scatterlist';
import { SG_CHAIN, SG_END } from '../../lib/scatterlist/sg-array.ts';
import { entryOf, list, page } from './sg-fixture.ts';

describe('entry primitives', () => {
  it('begin with empty slots and the end on the last', () => {
    const array = sgInitTable(3);
    expect(entryOf(array.entry(2))).to.deep.equal([-1, 0, 0]);
    expect([0, 1, 2].map((slot) => __sgFlags(array.entry(slot)))).to.deep.equal([0, 0, SG_END]);
    expect(() => sgInitTable(0)).to.throw(RangeError);
  });

  it('keep marks when a page is set, and offset and length when one is assigned', () => {
    const last = sgInitTable<'lowmem'>(1).entry(0);
    sgSetPage(last, page(5), 300, 5000);
    expect(entryOf(last)).to.deep.equal([5, 5000, 300]);
    sgAssignPage(last, page(6));
    expect(entryOf(last)).to.deep.equal([6, 5000, 300]);
    expect(sgPage(last)).to.equal(page(6));
    expect(sgIsLast(last)).to.be.true;
  });

  it('truncate a list at a mark and restore it without', () => {
    const sgl = list([1, 2, 3, 4].map((pfn) => [pfn, 0, 10]));
    const second = sgNext(sgl!)!;
    sgMarkEnd(second);
    expect(sgNents(sgl)).to.equal(2);
    sgUnmarkEnd(second);
    expect(sgNents(sgl)).to.equal(4);
  });

  it('make an ordinary slot of a chain slot when the end is marked', () => {
    const array = sgInitTable(2);
    sgChain(array, 2, sgInitTable(1).entry(0));
    sgInitMarker(array, 2);
    expect(__sgFlags(array.entry(1))).to.equal(SG_END);
    expect(sgChainPtr(array.entry(1))).to.equal(null);
  });

  describe('sgChain', () => {
    function twoArrays(how: { semantics?: 'strict' | 'compatible' }) {
      const first = sgInitTable<'lowmem'>(3);
      const second = sgInitTable<'lowmem'>(2);
      sgSetPage(first.entry(2), page(9), 100, 4);
      sgMarkEnd(first.entry(1));
      sgChain(first, 3, second.entry(0), how);
      return { first, second };
    }

    it('empties the slot and leads on', () => {
      const { first, second } = twoArrays({});
      expect(entryOf(first.entry(2))).to.deep.equal([-1, 0, 0]);
      expect(__sgFlags(first.entry(2))).to.equal(SG_CHAIN);
      expect(sgIsChain(first.entry(2))).to.be.true;
      expect(sgChainPtr(first.entry(2))).to.equal(second.entry(0));
      expect(sgPage(first.entry(2))).to.equal(null);
    });

    it('takes an end mark off that would hide the link (strict), or leaves it (compatible)', () => {
      expect(sgNents(twoArrays({}).first.entry(0))).to.equal(4);
      expect(sgNents(twoArrays({ semantics: 'compatible' }).first.entry(0))).to.equal(2);
    });
  });

  it('stop at the end of an array without a mark', () => {
    const array = sgInitTable(2);
    sgUnmarkEnd(array.entry(1));
    expect(sgNext(array.entry(1))).to.equal(null);
  });

  it('tell the machine of an entry over page structs that lie apart', () => {
    const machine = createMachine({ gapSections: [1], onViolation: 'record' });
    const sg = sgInitTable(1).entry(0);
    sgSetPage(sg, machine.hardware.memory.page(1023), 8192);
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['sg-not-contiguous']);
    expect(sg.length).to.equal(8192);
  });
});
