import { expect } from 'chai';
import fc from 'fast-check';
import {
  SgAppendTable,
  TrackingAllocator,
  createMachine,
  sgAllocAppendTableFromPages,
  sgAllocTableFromPages,
  sgChain,
  sgFreeAppendTable,
} from 'scatterlist';
import type { SgOptions } from 'scatterlist';
import { PAGE, page, pages, tableEntries } from '../sg-fixture.ts';

const COMPATIBLE = { semantics: 'compatible' } as const;

/** Appends pieces `[pfns, size, leftPages]`; answers the entries, or the code of the first failure. */
function pieces(how: SgOptions, ...calls: readonly (readonly [number[], number, number])[]): unknown {
  const append = new SgAppendTable<'lowmem'>(how);
  for (const [pfns, size, leftPages] of calls) {
    const made = sgAllocAppendTableFromPages(append, pages(...pfns), { size, leftPages });
    if (!made.ok) return made.error.code;
  }
  return tableEntries(append.sgt);
}

describe('sgAllocAppendTableFromPages', () => {
  it('joins no page of another kind of memory to the last entry; compatible does, as Linux', () => {
    const { memory } = createMachine({ lowmemPages: 8, highmemPages: 8 }).hardware;
    const [low, high] = [
      [6, 7],
      [8, 9],
    ].map((frames) => frames.map((n) => memory.page(n)));
    const appended = (how: SgOptions): unknown => {
      const append = new SgAppendTable(how);
      expect(sgAllocAppendTableFromPages(append, low!, { size: 2 * PAGE, leftPages: 2 }).ok).to.equal(true);
      expect(sgAllocAppendTableFromPages(append, high!, { size: 2 * PAGE }).ok).to.equal(true);
      return tableEntries(append.sgt);
    };
    expect(appended({})).to.deep.equal([
      [6, 0, 2 * PAGE],
      [8, 0, 2 * PAGE],
    ]);
    expect(appended(COMPATIBLE)).to.deep.equal([[6, 0, 4 * PAGE]]);
  });

  it('lets no pages of two kinds share an entry; compatible does where they are of one page map', () => {
    const { memory } = createMachine({ lowmemPages: 8, protectedPages: 2, highmemPages: 8 }).hardware;
    const plain = createMachine({ lowmemPages: 8, highmemPages: 8 }).hardware.memory;
    const made = (of: typeof memory, frames: readonly number[], how: SgOptions): unknown => {
      const append = new SgAppendTable(how);
      const all = frames.map((n) => of.page(n));
      expect(sgAllocAppendTableFromPages(append, all, { size: all.length * PAGE }).ok).to.equal(true);
      return tableEntries(append.sgt);
    };
    const apart = [
      [7, 0, PAGE],
      [8, 0, 2 * PAGE],
    ];
    expect(made(plain, [7, 8, 9], {})).to.deep.equal(apart);
    expect(made(plain, [7, 8, 9], COMPATIBLE)).to.deep.equal([[7, 0, 3 * PAGE]]);
    for (const how of [{}, COMPATIBLE]) {
      expect(made(memory, [7, 8, 9], how)).to.deep.equal(apart);
      expect(made(memory, [8, 9, 10], how)).to.deep.equal([
        [8, 0, 2 * PAGE],
        [10, 0, PAGE],
      ]);
    }
  });

  it('equals a table made at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 39 }), { maxLength: 4 }),
        fc.integer({ min: 0, max: PAGE - 1 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(2, 3, 4, 128),
        (pfns, cuts, short, mostPages, maxSingleAlloc) => {
          const maxSegmentBytes = mostPages * PAGE;
          const whole = sgAllocTableFromPages(pages(...pfns), {
            size: pfns.length * PAGE - short,
            maxSegmentBytes,
          });
          const allocator = new TrackingAllocator();
          const append = new SgAppendTable<'lowmem'>({ allocator, maxSingleAlloc });
          const ends = [...new Set([...cuts.filter((n) => n < pfns.length), pfns.length])].sort(
            (a, b) => a - b,
          );
          for (const [i, end] of ends.entries()) {
            const part = pfns.slice(ends[i - 1] ?? 0, end);
            const last = end === pfns.length;
            const made = sgAllocAppendTableFromPages(append, pages(...part), {
              size: part.length * PAGE - (last ? short : 0),
              maxSegmentBytes,
              leftPages: pfns.length - end,
            });
            expect(made.ok).to.be.true;
          }
          expect(tableEntries(append.sgt)).to.deep.equal(whole.ok && tableEntries(whole.value));
          expect(append.prv?.isLast).to.be.true;
          sgFreeAppendTable(append);
          expect(allocator.live).to.equal(0);
          expect([append.totalNents, append.sgt.origNents]).to.deep.equal([0, 0]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuses an offset behind other pages, and tells the machine', () => {
    for (const semantics of ['strict', 'compatible'] as const) {
      const machine = createMachine({ onViolation: 'record', semantics });
      const append = new SgAppendTable<'lowmem'>({ machine });
      void sgAllocAppendTableFromPages(append, pages(1), { size: PAGE, leftPages: 1 });
      const made = sgAllocAppendTableFromPages(append, pages(2), { size: PAGE - 1, offset: 1 });
      expect(made).to.have.nested.property('error.code', 'InvalidArgument');
      expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['sg-append-offset']);
    }
  });

  it('names the number that is refused, and what it may be', () => {
    const error = (options: object, frames: readonly number[] = [1, 2], how: SgOptions = {}): unknown => {
      const made = sgAllocAppendTableFromPages(new SgAppendTable<'lowmem'>(how), pages(...frames), {
        size: 2 * PAGE,
        ...options,
      });
      return made.ok ? 'made' : made.error;
    };
    const wrong = (argument: string, got: number, expected: string) => ({
      code: 'InvalidArgument',
      argument,
      got,
      expected,
    });
    const most32 = '4294967295';
    const count = `a whole number from 0 to ${most32}`;
    for (const n of [-1, 1.5, 2 ** 32]) {
      expect(error({ offset: n })).to.deep.equal(wrong('offset', n, count));
      expect(error({ maxSegmentBytes: n })).to.deep.equal(wrong('maxSegmentBytes', n, count));
      expect(error({ leftPages: n })).to.deep.equal(wrong('leftPages', n, count));
    }
    for (const n of [0, -1, 1.5])
      expect(error({ size: n })).to.deep.equal(wrong('size', n, 'a whole number from 1 to 9007199254740991'));
    expect(error({}, [])).to.deep.equal(wrong('pages', 0, 'at least 1'));
    expect(error({ maxSegmentBytes: PAGE - 1 })).to.deep.equal(
      wrong('maxSegmentBytes', PAGE - 1, `at least a page (${String(PAGE)})`),
    );
    expect(error({ maxSegmentBytes: PAGE })).to.equal('made');
    const range = (offset: number, least: number, most: number) =>
      `offset ${String(offset)} plus size to end in the last of 2 pages (${String(least)} to ${String(most)} bytes)`;
    for (const [offset, size] of [
      [0, 2 * PAGE + 1],
      [0, PAGE],
      [10, PAGE - 10],
      [10, 2 * PAGE - 9],
    ] as const)
      expect(error({ offset, size })).to.deep.equal(
        wrong('size', size, range(offset, PAGE + 1 - offset, 2 * PAGE - offset)),
      );
    for (const [offset, size] of [
      [0, 2 * PAGE],
      [0, PAGE + 1],
      [10, PAGE - 9],
      [10, 2 * PAGE - 10],
      [PAGE - 1, 2],
    ] as const)
      expect(error({ offset, size })).to.equal('made');
    expect(error({ offset: PAGE, size: 1 })).to.have.property('argument', 'size');
    expect(error({}, [1, 3], { allocator: new TrackingAllocator({ failAt: 0 }) })).to.deep.equal({
      code: 'NoMemory',
      wanted: 2,
      available: 0,
    });
  });

  it('tells the machine of segments that hold no page', () => {
    const machine = createMachine({ onViolation: 'record' });
    const append = new SgAppendTable<'lowmem'>({ machine });
    void sgAllocAppendTableFromPages(append, pages(1), { size: PAGE, maxSegmentBytes: PAGE - 1 });
    expect(machine.violations.map(({ rule, what }) => [rule, what])).to.deep.equal([
      ['sg-segment-size', `segments of ${String(PAGE - 1)} bytes, pages of ${String(PAGE)}`],
    ]);
  });

  it('joins up to the most bytes of a segment, whole pages of it, and no further', () => {
    for (const [maxSegmentBytes, lengths] of [
      [4 * PAGE, [4 * PAGE]],
      [4 * PAGE - 1, [3 * PAGE, PAGE]],
      [2 * PAGE, [2 * PAGE, 2 * PAGE]],
    ] as const) {
      const append = new SgAppendTable<'lowmem'>();
      for (const [frames, leftPages] of [
        [[1, 2], 2],
        [[3, 4], 0],
      ] as const)
        expect(
          sgAllocAppendTableFromPages(append, pages(...frames), {
            size: 2 * PAGE,
            maxSegmentBytes,
            leftPages,
          }).ok,
        ).to.be.true;
      expect(tableEntries(append.sgt).map(([, , length]) => length)).to.deep.equal(lengths);
      expect([append.sgt.nents, append.sgt.origNents]).to.deep.equal([lengths.length, lengths.length]);
    }
  });

  it('says why entries behind an end are refused, and leaves them as they were', () => {
    const append = new SgAppendTable<'lowmem'>();
    void sgAllocAppendTableFromPages(append, pages(1), { size: PAGE });
    expect(sgAllocAppendTableFromPages(append, pages(2, 9), { size: 2 * PAGE })).to.deep.equal({
      ok: false,
      error: {
        code: 'InvalidArgument',
        argument: 'leftPages',
        got: 0,
        expected: 'enough for all pages, in every call before the last',
      },
    });
    expect(tableEntries(append.sgt)).to.deep.equal([[1, 0, PAGE]]);
    expect(append.totalNents).to.equal(1);
  });

  it('forgets its entries when freed (strict), or not (compatible)', () => {
    for (const how of [{}, COMPATIBLE]) {
      const append = new SgAppendTable<'lowmem'>(how);
      void sgAllocAppendTableFromPages(append, pages(1, 5), { size: 2 * PAGE, leftPages: 2 });
      expect([append.totalNents, append.prv?.isLast]).to.deep.equal([4, false]);
      sgFreeAppendTable(append);
      expect([append.totalNents, append.prv === null]).to.deep.equal(
        how === COMPATIBLE ? [4, false] : [0, true],
      );
    }
  });

  it('counts joined pages for the size (strict), or adds them whole (compatible)', () => {
    const calls = [
      [[1, 2], 2 * PAGE, 2],
      [[3, 4], PAGE + 100, 0],
    ] as const;
    const made = (how: SgOptions) =>
      pieces(how, [[...calls[0][0]], calls[0][1], 2], [[...calls[1][0]], calls[1][1], 0]);
    expect(made({})).to.deep.equal([[1, 0, 3 * PAGE + 100]]);
    expect(made(COMPATIBLE)).to.deep.equal([[1, 0, 4 * PAGE]]);
  });

  it('does not join behind an entry that ends inside a page (strict), or joins that page again (compatible)', () => {
    expect(pieces({}, [[10], 100, 1], [[10], PAGE, 0])).to.deep.equal([
      [10, 0, 100],
      [10, 0, PAGE],
    ]);
    expect(pieces(COMPATIBLE, [[10], 100, 1], [[10], PAGE, 0])).to.deep.equal([[10, 0, 4196]]);
  });

  it('refuses pages that do not match the size (strict), or lets it wrap (compatible)', () => {
    expect(pieces({}, [[1, 3], 100, 0])).to.equal('InvalidArgument');
    expect(pieces(COMPATIBLE, [[1, 3], 100, 0])).to.deep.equal([
      [1, 0, 100],
      [3, 0, PAGE],
    ]);
  });

  it('refuses a piece of no pages, except behind another on 6.1 (compatible)', () => {
    expect(pieces({}, [[], PAGE, 0])).to.equal('InvalidArgument');
    expect(pieces({}, [[1], PAGE, 1], [[], 0, 0])).to.equal('InvalidArgument');
    expect(pieces(COMPATIBLE, [[1], PAGE, 1], [[], 0, 0])).to.equal('InvalidArgument');
    const machine = createMachine({ semantics: 'compatible', linux: '6.1' });
    expect(pieces({ machine }, [[1], PAGE, 1], [[], 0, 0])).to.deep.equal([[1, 0, PAGE]]);
  });

  it('refuses new entries behind an end, with which Linux follows a null pointer', () => {
    for (const how of [{}, COMPATIBLE])
      expect(pieces(how, [[1], PAGE, 0], [[9], PAGE, 0])).to.equal('InvalidArgument');
  });

  it('refuses a list that leads back, whose entries would be written over (strict); compatible writes over them', () => {
    for (const semantics of ['strict', 'compatible'] as const) {
      const machine = createMachine({ pageSize: PAGE, semantics, onViolation: 'record' });
      const of = machine.allocPages(6, { zone: 'highmem', layout: 'scattered' });
      const append = new SgAppendTable<'highmem'>({ machine });
      expect(
        sgAllocAppendTableFromPages(append, of.slice(0, 2), { size: 2 * PAGE, leftPages: 1 }).ok,
      ).to.equal(true);
      const { array } = append.sgt.sgl!;
      // The slot behind the last entry leads back to the first one.
      sgChain(array, append.prv!.slot + 2, array.entry(0), { semantics: 'compatible' });
      const again = sgAllocAppendTableFromPages(append, of.slice(2, 4), { size: 2 * PAGE });
      if (semantics === 'compatible') {
        expect([again.ok, array.entry(0).page]).to.deep.equal([true, of[2]]);
        continue;
      }
      expect(again).to.have.nested.property('error.argument', 'link');
      expect([array.entry(0).page, array.entry(1).page]).to.deep.equal([of[0], of[1]]);
      expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['sg-endless-list']);
    }
  });

  it('leaves the table as it was where memory runs out', () => {
    for (const semantics of ['strict', 'compatible'] as const) {
      const allocator = new TrackingAllocator({ failAt: 1 });
      const append = new SgAppendTable<'lowmem'>({ semantics, allocator, maxSingleAlloc: 2 });
      void sgAllocAppendTableFromPages(append, pages(1), { size: PAGE, leftPages: 4 });
      const made = sgAllocAppendTableFromPages(append, [page(2), page(7), page(9)], { size: 3 * PAGE });
      expect(made).to.have.nested.property('error.code', 'NoMemory');
      expect(tableEntries(append.sgt)).to.deep.equal([[1, 0, PAGE]]);
      sgFreeAppendTable(append);
      expect(allocator.live).to.equal(0);
    }
  });
});
