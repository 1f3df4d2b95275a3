import { expect } from 'chai';
import {
  __sgFlags,
  ViolationError,
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
import { SG_CHAIN, SG_END } from '../../../lib/scatterlist/list/sg-array.ts';
import { entryOf, list, page } from '../sg-fixture.ts';

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
      if (how.semantics === 'compatible') sgSetPage(first.entry(2), page(9), 100, 4);
      sgMarkEnd(first.entry(1));
      sgChain(first, 3, second.entry(0), how);
      return { first, second };
    }

    it('empties the slot and leads on', () => {
      for (const semantics of ['strict', 'compatible'] as const) {
        const { first, second } = twoArrays({ semantics });
        expect(entryOf(first.entry(2))).to.deep.equal([-1, 0, 0]);
        expect(__sgFlags(first.entry(2))).to.equal(SG_CHAIN);
        expect(sgIsChain(first.entry(2))).to.be.true;
        expect(sgChainPtr(first.entry(2))).to.equal(second.entry(0));
        expect(sgPage(first.entry(2))).to.equal(null);
      }
    });

    it('refuses to drop an entry in use, and to lead to a link (strict)', () => {
      const used = sgInitTable<'lowmem'>(3);
      sgSetPage(used.entry(2), page(9), 100, 4);
      const link = sgInitTable<'lowmem'>(2);
      sgChain(link, 2, sgInitTable<'lowmem'>(1).entry(0));
      const fresh = sgInitTable<'lowmem'>(2);
      const refused = [
        [
          'sg-chain-over-entry',
          () => used,
          link.entry(0),
          'a link over entry 2 of an array of 3, which has pfn 0x9',
        ],
        [
          'sg-link-to-link',
          () => fresh,
          link.entry(1),
          'a link at slot 1 that leads to the link at slot 1 of another array',
        ],
        [
          'sg-link-to-link',
          () => fresh,
          fresh.entry(1),
          'a link at slot 1 that leads to the link at slot 1 of the same array',
        ],
      ] as const;
      for (const [rule, array, to, what] of refused) {
        expect(() => {
          sgChain(array(), array().slots, to);
        }).to.throw(RangeError, what);
        const strict = createMachine();
        expect(() => {
          sgChain(array(), array().slots, to, { machine: strict });
        }).to.throw(ViolationError, rule);
        expect(sgIsChain(array().entry(array().slots - 1))).to.equal(false);
      }
      const recording = createMachine({ onViolation: 'record' });
      for (const [, array, to] of refused) sgChain(array(), array().slots, to, { machine: recording });
      expect(recording.violations.map(({ rule, what }) => [rule, what])).to.deep.equal(
        refused.map(([rule, , , what]) => [rule, what]),
      );
      expect(sgChainPtr(used.entry(2))).to.equal(link.entry(0));
      // What was a link may be laid anew.
      sgChain(link, 2, sgInitTable<'lowmem'>(3).entry(0));
      expect(sgNents(link.entry(0))).to.equal(4);
    });

    it('takes an end mark off that would hide the link (strict), or leaves it (compatible)', () => {
      expect(sgNents(twoArrays({}).first.entry(0))).to.equal(4);
      expect(sgNents(twoArrays({ semantics: 'compatible' }).first.entry(0))).to.equal(2);
      for (const [how, counted] of [
        [{}, 3],
        [{ semantics: 'compatible' }, 1],
      ] as const) {
        const array = sgInitTable<'lowmem'>(2);
        sgMarkEnd(array.entry(0));
        sgChain(array, 2, sgInitTable<'lowmem'>(2).entry(0), how);
        expect(sgNents(array.entry(0))).to.equal(counted);
      }
    });

    it('may be laid in the first slot, and in none that is not there', () => {
      const array = sgInitTable<'lowmem'>(1);
      const other = sgInitTable<'lowmem'>(2);
      sgChain(array, 1, other.entry(1));
      expect([array.marks[0], sgChainPtr(array.entry(0))]).to.deep.equal([SG_CHAIN, other.entry(1)]);
      for (const slots of [0, 2, 1.5])
        expect(() => {
          sgChain(array, slots, other.entry(0));
        }).to.throw(RangeError, `slots is ${String(slots)}; it must be a whole number from 1 to 1`);
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
