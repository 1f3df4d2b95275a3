import { expect } from 'chai';
import fc from 'fast-check';
import { PageRuns } from '../../../lib/kernel/parts/page-runs.ts';

describe('PageRuns', () => {
  it('hands runs out from the start, each with a guard page, and joins what comes back', () => {
    const runs = new PageRuns(100, 10);
    expect([runs.take(2), runs.take(2), runs.take(3), runs.freePages]).to.deep.equal([100, 103, 106, 0]);
    expect([runs.give(103), runs.take(3), runs.freePages]).to.deep.equal([true, -1, 3]);
    expect([runs.give(100), runs.take(5), runs.freePages]).to.deep.equal([true, 100, 0]);
    expect([runs.give(101), runs.give(103)]).to.deep.equal([false, false]);
    expect([runs.give(106), runs.give(100), runs.take(9)]).to.deep.equal([true, true, 100]);
  });

  it('begins runs on multiples of what is asked for', () => {
    const runs = new PageRuns(3, 39);
    expect([runs.take(2, 8), runs.take(2, 8), runs.take(2, 8), runs.take(4), runs.take(2, 8)]).to.deep.equal([
      8, 16, 24, 27, 32,
    ]);
    expect(runs.take(2, 8)).to.equal(-1);
  });

  it('joins what comes back with what is free before it, behind it, and on both sides', () => {
    for (const [given, left] of [
      [
        [0, 1],
        [2, 3],
      ],
      [
        [1, 0],
        [2, 3],
      ],
      [[0, 2, 1], [3]],
      [
        [1, 2],
        [0, 3],
      ],
      [
        [2, 1],
        [0, 3],
      ],
      [[3, 2, 1, 0], []],
      [[0, 1, 2, 3], []],
    ] as const) {
      const runs = new PageRuns(0, 16);
      const firsts = [0, 1, 2, 3].map(() => runs.take(3));
      for (const n of given) expect(runs.give(firsts[n]!)).to.equal(true);
      const free = given.length * 4;
      expect([runs.freePages, runs.take(free)]).to.deep.equal([free, -1]);
      expect(runs.take(free - 1)).to.equal(4 * Math.min(...given));
      // Nothing of what was joined is handed out once more.
      expect([runs.take(0), runs.freePages]).to.deep.equal([-1, 0]);
      for (const n of left) expect(runs.give(firsts[n]!)).to.equal(true);
      expect(runs.take(3)).to.equal(left.length > 0 ? 4 * Math.min(...left) : -1);
    }
  });

  it('never hands a page out twice, and finds a run where there is one', () => {
    const step = fc.record({
      pages: fc.integer({ min: 0, max: 9 }),
      align: fc.constantFrom(1, 2, 4),
      give: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (script) => {
        const runs = new PageRuns(1, 40);
        const taken = new Uint8Array(41);
        const live: { first: number; pages: number }[] = [];
        for (const { pages, align, give } of script) {
          const [ended] = live.splice(give, 1);
          if (ended !== undefined) {
            expect(runs.give(ended.first)).to.equal(true);
            taken.fill(0, ended.first, ended.first + ended.pages + 1);
          }
          const first = runs.take(pages, align);
          const fits = (at: number): boolean =>
            at % align === 0 && at + pages < 41 && !taken.subarray(at, at + pages + 1).includes(1);
          if (first < 0) expect(Array.from({ length: 40 }, (_, i) => i + 1).some(fits)).to.equal(false);
          else {
            expect(fits(first)).to.equal(true);
            taken.fill(1, first, first + pages + 1);
            live.push({ first, pages });
          }
          let longest = 0;
          for (let at = 40, run = 0; at > 0; at -= 1) {
            run = taken[at] === 0 ? run + 1 : 0;
            if (at % align === 0) longest = Math.max(longest, run - 1);
          }
          expect(runs.largestRun(align)).to.equal(longest);
          expect(runs.freePages).to.equal(taken.subarray(1).filter((page) => page === 0).length);
        }
      }),
    );
  });
});
