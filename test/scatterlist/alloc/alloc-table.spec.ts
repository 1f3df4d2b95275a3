import { expect } from 'chai';
import fc from 'fast-check';
import {
  ConfigError,
  SgArray,
  SgTable,
  TrackingAllocator,
  __sgAllocTable,
  __sgFreeTable,
  sgAllocTable,
  sgAllocTableChained,
  sgFreeTable,
  sgInitTable,
  sgNents,
  sglAlloc,
} from 'scatterlist';
import { kmallocChunks } from '../../../lib/scatterlist/alloc/alloc-table.ts';
import { UNLIMITED } from '../../../lib/scatterlist/list/sg-allocator.ts';

const BOTH = ['strict', 'compatible'] as const;

describe('sgAllocTable', () => {
  it('refuses no entries', () => {
    for (const semantics of BOTH)
      expect(sgAllocTable(0, { semantics })).to.have.nested.property('error.code', 'InvalidArgument');
  });

  it('refuses more entries than the host could hold, before it allocates any', () => {
    for (const nents of [2 ** 24 + 1, 1e9, 2 ** 31, 2 ** 32 - 1])
      for (const semantics of BOTH) {
        const allocator = new TrackingAllocator();
        const refused = { ok: false, error: { code: 'NoMemory', wanted: nents, available: 2 ** 24 } };
        expect(sgAllocTable(nents, { semantics, allocator })).to.deep.equal(refused);
        expect(sgAllocTableChained(nents, { semantics, allocator })).to.deep.equal(refused);
        expect(allocator.calls).to.deep.equal([]);
        expect(() => sgInitTable(nents)).to.throw(RangeError, String(nents));
        expect(UNLIMITED.allocate('kmalloc', nents)).to.equal(undefined);
        expect(allocator.allocate('kmalloc', nents)).to.equal(undefined);
      }
    const source = { pageSize: 4096, allocate: () => undefined, free: () => undefined };
    expect(sglAlloc(2 ** 40, source)).to.deep.equal({
      ok: false,
      error: { code: 'NoMemory', wanted: 2 ** 28, available: 0 },
    });
  });

  it('has room for an entry beside each link', () => {
    for (const maxSingleAlloc of [-1, 0, 1, 2.5, NaN])
      expect(() => sgAllocTable(5, { maxSingleAlloc })).to.throw(
        ConfigError,
        `maxSingleAlloc is ${String(maxSingleAlloc)}; it must be a whole number from 2`,
      );
    const chunks = kmallocChunks(new TrackingAllocator(), 128);
    for (const most of [0, 1]) {
      const table = new SgTable();
      expect(__sgAllocTable(table, 5, most, { chunks })).to.have.nested.property('error.argument', 'maxEnts');
      expect(table.sgl).to.equal(null);
    }
    expect(__sgAllocTable(new SgTable(), 1, 1, { chunks }).ok).to.equal(true);
  });

  it('gives each array back once, where the links lead back', () => {
    const allocator = new TrackingAllocator();
    const made = sgAllocTable(9, { allocator, maxSingleAlloc: 4 });
    if (!made.ok || made.value.sgl === null) throw new Error('no table');
    const [first, second] = allocator.arrays;
    second!.setLink(3, first!.entry(0));
    sgFreeTable(Object.assign(made.value, { origNents: 2 ** 31 }));
    expect(allocator.frees.map(({ array }) => array)).to.deep.equal([first, second]);
  });

  it('reaches any number of entries over arrays of a page, and gives all of them back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }),
        fc.constantFrom(2, 3, 16, 128, 170),
        (nents, maxSingleAlloc) => {
          const allocator = new TrackingAllocator();
          const made = sgAllocTable(nents, { allocator, maxSingleAlloc });
          if (!made.ok) throw new Error(made.error.code);
          expect(sgNents(made.value.sgl)).to.equal(nents);
          expect(made.value.origNents).to.equal(nents);
          expect(allocator.calls.every(({ count }) => count <= maxSingleAlloc)).to.be.true;
          sgFreeTable(made.value);
          expect(allocator.live).to.equal(0);
        },
      ),
    );
  });

  for (const semantics of BOTH) {
    it(`leaves nothing allocated whichever allocation fails (${semantics})`, () => {
      let failAt = 0;
      for (; ; failAt += 1) {
        const allocator = new TrackingAllocator({ failAt });
        const table = new SgTable();
        const made = sgAllocTable(50, { semantics, allocator, maxSingleAlloc: 8, table });
        if (!allocator.reached) break;
        expect(made).to.have.nested.property('error.code', 'NoMemory');
        expect(allocator.live).to.equal(0);
        expect(table.sgl).to.equal(null);
        expect(table.origNents > 0).to.equal(semantics === 'compatible' && failAt > 0);
      }
      expect(failAt).to.equal(7);
    });
  }
});

describe('numbers of tables', () => {
  const wrong = (argument: string, got: number, expected: string) => ({
    ok: false,
    error: { code: 'InvalidArgument', argument, got, expected: `a whole number from ${expected}` },
  });

  it('are refused by name, with what they may be', () => {
    for (const nents of [0, -1, 1.5, 2 ** 32])
      expect(sgAllocTable(nents)).to.deep.equal(wrong('nents', nents, '1 to 4294967295'));
    const fill = (nents: number, maxEnts: number, how: object = {}) =>
      __sgAllocTable(new SgTable(), nents, maxEnts, how);
    expect(fill(2, 1)).to.deep.equal(wrong('maxEnts', 1, '2 to 4294967295'));
    expect(fill(1, 0)).to.deep.equal(wrong('maxEnts', 0, '1 to 4294967295'));
    expect(fill(1, 2 ** 32)).to.deep.equal(wrong('maxEnts', 2 ** 32, '1 to 4294967295'));
    expect([fill(1, 1).ok, fill(2, 2).ok]).to.deep.equal([true, true]);
    const firstChunk = new SgArray(3);
    expect(fill(9, 4, { firstChunk, nentsFirstChunk: 4 })).to.deep.equal(
      wrong('nentsFirstChunk', 4, '0 to 3'),
    );
    expect(fill(9, 4, { nentsFirstChunk: 2 ** 32 })).to.deep.equal(
      wrong('nentsFirstChunk', 2 ** 32, '0 to 4294967295'),
    );
    const chunks = kmallocChunks(new TrackingAllocator(), 128);
    for (const [maxEnts, first, nents, said] of [
      [0, 0, 1, 'maxEnts is 0; it must be a whole number from 1 to 4294967295'],
      [2 ** 32, 0, 1, 'maxEnts is 4294967296'],
      [1, -1, 1, 'nentsFirstChunk is -1; it must be a whole number from 0 to 4294967295'],
      [1, 2 ** 32, 1, 'nentsFirstChunk is 4294967296'],
      [1, 0, -1, 'numEnts is -1; it must be a whole number from 0 to'],
    ] as const)
      expect(() => {
        __sgFreeTable(new SgTable(), maxEnts, first, nents, chunks);
      }, said).to.throw(RangeError, said);
  });

  it('say how many entries there was memory for', () => {
    for (const [failAt, available] of [
      [0, 0],
      [1, 7],
      [2, 14],
      [6, 42],
    ] as const) {
      const allocator = new TrackingAllocator({ failAt });
      expect(sgAllocTable(50, { allocator, maxSingleAlloc: 8 })).to.deep.equal({
        ok: false,
        error: { code: 'NoMemory', wanted: 50, available },
      });
    }
  });

  it('decide where the memory of an array comes from', () => {
    const memoryOf = (nents: number): unknown => {
      const allocator = new TrackingAllocator();
      const made = sgAllocTable(nents, { allocator, maxSingleAlloc: 8 });
      if (!made.ok) throw new Error(made.error.code);
      return allocator.calls.map(({ memory, count }) => [memory, count]);
    };
    expect(memoryOf(7)).to.deep.equal([['kmalloc', 7]]);
    expect(memoryOf(8)).to.deep.equal([['page', 8]]);
    expect(memoryOf(9)).to.deep.equal([
      ['page', 8],
      ['kmalloc', 2],
    ]);
    const freed: unknown[] = [];
    const chunks = kmallocChunks(
      {
        allocate: () => undefined,
        free: (memory, _array, slots) => freed.push([memory, slots]),
        reserve: () => true,
        release: () => undefined,
      },
      8,
    );
    for (const slots of [7, 8]) chunks.free(new SgArray(slots), slots);
    expect(freed).to.deep.equal([
      ['kmalloc', 7],
      ['page', 8],
    ]);
  });
});

describe('sgFreeTable', () => {
  for (const [semantics, left] of [
    ['strict', 0],
    ['compatible', 200],
  ] as const) {
    it(`leaves counts of ${String(left)} (${semantics}), and does nothing twice`, () => {
      const allocator = new TrackingAllocator();
      const made = sgAllocTable(200, { semantics, allocator });
      if (!made.ok) throw new Error(made.error.code);
      sgFreeTable(made.value);
      sgFreeTable(made.value);
      expect(allocator.frees).to.have.length(2);
      expect([made.value.nents, made.value.origNents]).to.deep.equal([left, left]);
      expect(made.value.sgl).to.equal(null);
    });
  }
});

describe('__sgAllocTable', () => {
  function fill(failAt: number, semantics: 'strict' | 'compatible') {
    const allocator = new TrackingAllocator({ failAt });
    const chunks = kmallocChunks(allocator, 128);
    const table = new SgTable<'lowmem'>();
    const firstChunk = new SgArray<'lowmem'>(3);
    for (const slot of [0, 1, 2]) firstChunk.set(slot, null, 77, 0);
    const made = __sgAllocTable(table, 20, 7, { semantics, firstChunk, nentsFirstChunk: 3, chunks });
    return { allocator, chunks, table, firstChunk, made };
  }

  it("begins in the caller's array, emptied, and never frees that", () => {
    const { allocator, chunks, table, firstChunk, made } = fill(Infinity, 'strict');
    expect(made.ok).to.be.true;
    expect(table.sgl).to.equal(firstChunk.entry(0));
    expect(firstChunk.lengths[0]).to.equal(0);
    expect(sgNents(table.sgl)).to.equal(20);
    __sgFreeTable(table, 7, 3, table.origNents, chunks);
    expect(allocator.live).to.equal(0);
    expect(allocator.frees.some(({ array }) => array === firstChunk)).to.be.false;
  });

  it('keeps what it has after a failure (compatible), counted so that it can be freed', () => {
    const { allocator, chunks, table, made } = fill(1, 'compatible');
    expect(made.ok).to.be.false;
    expect(allocator.live).to.equal(1);
    expect([table.nents, table.origNents]).to.deep.equal([9, 9]);
    __sgFreeTable(table, 7, 3, table.origNents, chunks);
    expect(allocator.live).to.equal(0);
  });

  it('gives it back at once (strict)', () => {
    const { allocator, table, made } = fill(1, 'strict');
    expect(made.ok).to.be.false;
    expect(allocator.live).to.equal(0);
    expect([table.sgl, table.nents, table.origNents]).to.deep.equal([null, 0, 0]);
  });
});
