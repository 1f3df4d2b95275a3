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

  it('names the number that is refused, and what it may be', () => {
    const wrong = (argument: string, got: number, expected: string) => ({
      ok: false,
      error: { code: 'InvalidArgument', argument, got, expected: `a whole number from ${expected}` },
    });
    for (const nents of [0, -1, 1.5, 2 ** 32])
      expect(sgAllocTableChained(nents)).to.deep.equal(wrong('nents', nents, '1 to 4294967295'));
    const firstChunk = new SgArray(4);
    for (const own of [-1, 5, 1.5])
      expect(sgAllocTableChained(3, { firstChunk, nentsFirstChunk: own })).to.deep.equal(
        wrong('nentsFirstChunk', own, '0 to 4'),
      );
    expect(() => {
      sgFreeTableChained(new SgTable(), -1);
    }).to.throw(RangeError, 'nentsFirstChunk is -1; it must be a whole number from 0 to 4294967295');
  });

  it("uses as much of the caller's own array as it is told, and clears what was in it", () => {
    for (const [nents, own, inOwn] of [
      [3, 3, 3],
      [3, 4, 3],
      [4, 3, 2],
      [3, 1, 0],
      [3, 0, 0],
      [1, 1, 1],
      [2, 1, 0],
    ] as const) {
      const allocator = new TrackingAllocator();
      const firstChunk = new SgArray(4);
      for (let slot = 0; slot < 4; slot += 1) firstChunk.set(slot, null, 9, 9);
      const made = sgAllocTableChained(nents, { allocator, firstChunk, nentsFirstChunk: own });
      if (!made.ok) throw new Error(made.error.code);
      const shape = `${String(nents)} entries, ${String(own)} slots`;
      const mine = [...made.value].filter((sg) => sg.array === firstChunk);
      expect([mine.length, sgNents(made.value.sgl)], shape).to.deep.equal([inOwn, nents]);
      expect([made.value.origNents, made.value.nents], shape).to.deep.equal([nents, nents]);
      expect(mine.map(({ length, offset }) => length + offset)).to.deep.equal(new Array(inOwn).fill(0));
      expect(allocator.live, shape).to.equal(inOwn === nents ? 0 : 1);
      sgFreeTableChained(made.value, own);
      expect([allocator.live, made.value.nents], shape).to.deep.equal([0, 0]);
    }
  });

  it('takes the smallest pool that is large enough', () => {
    for (const [nents, slots] of [
      [1, 8],
      [8, 8],
      [9, 16],
      [16, 16],
      [17, 32],
      [128, 128],
    ] as const) {
      const allocator = new TrackingAllocator();
      expect(sgAllocTableChained(nents, { allocator }).ok).to.be.true;
      expect(allocator.calls.map(({ count }) => count)).to.deep.equal([slots]);
    }
  });

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
