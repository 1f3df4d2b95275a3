import { expect } from 'chai';
import fc from 'fast-check';
import {
  SgArray,
  SgTable,
  TrackingAllocator,
  createMachine,
  sgAllocTableChained,
  sgFreeTableChained,
  sgNents,
} from 'scatterlist';

const BOTH = ['strict', 'compatible'] as const;

describe('sgAllocTableChained', () => {
  it('takes arrays from pools of 8 to 128 slots, and gives all of them back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 10 }), (nents, own) => {
        const allocator = new TrackingAllocator();
        const firstChunk = own === 0 ? undefined : new SgArray(own);
        const made = sgAllocTableChained(nents, { allocator, firstChunk });
        if (!made.ok) throw new Error(made.error.code);
        expect(sgNents(made.value.sgl)).to.equal(nents);
        expect(made.value.sgl?.array === firstChunk).to.equal(own > 1 || (own === 1 && nents === 1));
        for (const { memory, count } of allocator.calls) {
          expect(memory).to.equal('pool');
          expect(count).to.be.oneOf([8, 16, 32, 64, 128]);
        }
        sgFreeTableChained(made.value, own);
        expect(allocator.live).to.equal(0);
      }),
    );
  });

  for (const semantics of BOTH) {
    it(`leaves nothing allocated whichever allocation fails (${semantics})`, () => {
      for (let failAt = 0; ; failAt += 1) {
        const allocator = new TrackingAllocator({ failAt });
        const firstChunk = new SgArray(4);
        const table = new SgTable();
        const made = sgAllocTableChained(300, { semantics, allocator, firstChunk, table });
        if (!allocator.reached) {
          expect(failAt).to.equal(3);
          break;
        }
        expect(made.ok).to.be.false;
        expect(allocator.live).to.equal(0);
        // Linux leaves the list where nothing behind the caller's array was allocated.
        expect(table.sgl !== null).to.equal(semantics === 'compatible' && failAt === 0);
      }
    });

    it(`refuses no entries, and stops the driver where there is a machine (${semantics})`, () => {
      expect(sgAllocTableChained(0, { semantics })).to.have.nested.property('error.code', 'InvalidArgument');
      const machine = createMachine({ semantics, onViolation: 'record' });
      expect(() => sgAllocTableChained(0, { machine })).to.throw('sg-no-entries');
    });
  }

  it("forgets the caller's own array when freed (strict), or not (compatible)", () => {
    for (const semantics of BOTH) {
      const made = sgAllocTableChained(3, { semantics, firstChunk: new SgArray(4) });
      if (!made.ok) throw new Error(made.error.code);
      sgFreeTableChained(made.value, 4);
      expect([made.value.sgl !== null, made.value.origNents]).to.deep.equal(
        semantics === 'strict' ? [false, 0] : [true, 3],
      );
    }
  });
});
