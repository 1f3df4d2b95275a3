import { expect } from 'chai';
import fc from 'fast-check';
import {
  TrackingAllocator,
  createMachine,
  sgAllocTableFromPages,
  sgAllocTableFromPagesSegment,
} from 'scatterlist';
import { PAGE, addressesOf, page, pages, tableEntries } from '../sg-fixture.ts';

const COMPATIBLE = { semantics: 'compatible' } as const;

function entries(pfns: number[], offset: number, size: number, most = 2 ** 32 - 1, how = {}) {
  const made = sgAllocTableFromPagesSegment(pages(...pfns), offset, size, most, how);
  return made.ok ? tableEntries(made.value) : made.error.code;
}

describe('sgAllocTableFromPages', () => {
  it('joins following pages, up to the largest segment', () => {
    expect(entries([0, 1, 3, 4], 100, 4 * PAGE - 150, 2 * PAGE)).to.deep.equal([
      [0, 100, 8092],
      [3, 0, 8142],
    ]);
    expect(entries([0, 1, 2, 3, 4], 0, 5 * PAGE, 2 * PAGE + 1)).to.have.length(3);
    expect(entries([4, 3, 2], 0, 3 * PAGE)).to.have.length(3);
  });

  it('keeps pages of different device maps apart', () => {
    const machine = createMachine({ lowmemPages: 8, highmemPages: 8, protectedPages: 8 });
    const low = machine.hardware.memory.page(7);
    const other = machine.hardware.memory.page(8);
    const made = sgAllocTableFromPages([low, other], { size: 2 * PAGE });
    expect(made.ok && tableEntries(made.value)).to.have.length(2);
  });

  it('begins a new entry where the kind of memory changes; compatible joins lowmem and highmem, as Linux does', () => {
    for (const highmem of [true, false]) {
      const { memory } = createMachine({ lowmemPages: 8, highmemPages: 8, highmem }).hardware;
      const run = [6, 7, 8, 9].map((n) => memory.page(n));
      const strict = sgAllocTableFromPages(run, { offset: 10, size: 4 * PAGE - 20 });
      expect(strict.ok && tableEntries(strict.value)).to.deep.equal([
        [6, 10, 2 * PAGE - 10],
        [8, 0, 2 * PAGE - 10],
      ]);
      const joined = sgAllocTableFromPages(run, { size: 4 * PAGE }, COMPATIBLE);
      expect(joined.ok && tableEntries(joined.value)).to.deep.equal([[6, 0, 4 * PAGE]]);
    }
  });

  it('refuses no pages and segments smaller than a page', () => {
    for (const how of [{}, COMPATIBLE]) {
      expect(entries([], 0, 1, undefined, how)).to.equal('InvalidArgument');
      expect(entries([1], 0, PAGE, PAGE - 1, how)).to.equal('InvalidArgument');
    }
    const machine = createMachine({ onViolation: 'record' });
    expect(entries([1], 0, PAGE, 10, { machine })).to.equal('InvalidArgument');
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['sg-segment-size']);
  });

  it('refuses a size that does not match the pages (strict), or lets it wrap (compatible)', () => {
    for (const [pfns, offset, size] of [
      [[1, 5, 9], 0, 100],
      [[1, 5, 9], 5000, 3 * PAGE - 5000],
      [[1], 0, PAGE + 1],
      [[1], 0, 0],
    ] as const)
      expect(entries([...pfns], offset, size)).to.equal('InvalidArgument');
    expect(entries([1, 5, 9], 0, 100, undefined, COMPATIBLE)).to.deep.equal([
      [1, 0, 100],
      [5, 0, PAGE],
      [9, 0, PAGE],
    ]);
    expect(entries([20, 30, 31], 5000, 7288, undefined, COMPATIBLE)).to.deep.equal([
      [20, 5000, 7288],
      [30, 0, 8192],
    ]);
  });

  it('holds exactly the bytes asked for, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: PAGE - 1 }),
        fc.integer({ min: 0, max: PAGE - 1 }),
        fc.integer({ min: 1, max: 4 }),
        (pfns, offset, short, mostPages) => {
          const size = Math.max(
            pfns.length * PAGE - offset - short,
            (pfns.length - 1) * PAGE - offset + 1,
            1,
          );
          const made = sgAllocTableFromPages(pages(...pfns), {
            offset,
            size,
            maxSegmentBytes: mostPages * PAGE,
          });
          if (!made.ok) throw new Error(made.error.code);
          const oracle = pfns.flatMap((pfn) => Array.from({ length: PAGE }, (_, i) => pfn * PAGE + i));
          expect(addressesOf(made.value.sgl)).to.deep.equal(oracle.slice(offset, offset + size));
          for (const [, , length = 0] of tableEntries(made.value))
            expect(length).to.be.at.most(mostPages * PAGE);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves nothing allocated whichever allocation fails', () => {
    const scattered = Array.from({ length: 300 }, (_, i) => page(2 * i));
    for (let failAt = 0; ; failAt += 1) {
      const allocator = new TrackingAllocator({ failAt });
      const made = sgAllocTableFromPages(scattered, { size: 300 * PAGE }, { allocator });
      if (!allocator.reached) {
        expect(failAt).to.equal(3);
        break;
      }
      expect(made).to.have.nested.property('error.code', 'NoMemory');
      expect(allocator.live).to.equal(0);
    }
  });
});
