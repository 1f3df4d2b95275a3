import { expect } from 'chai';
import fc from 'fast-check';
import { VmallocArea } from '../../../lib/kernel/parts/vmalloc.ts';

describe('VmallocArea', () => {
  it('keeps runs apart by a guard page and takes the first gap that fits', () => {
    const area = new VmallocArea(12);
    expect([area.take(3), area.take(2), area.take(2)]).to.deep.equal([0, 4, 7]);
    expect(area.freePages).to.equal(12 - 4 - 3 - 3);
    expect(area.take(2)).to.equal(-1);
    expect(area.give(4)).to.equal(2);
    expect(area.take(3)).to.equal(-1);
    expect(area.take(2)).to.equal(4);
    expect([area.give(5), area.give(0), area.give(0)]).to.deep.equal([0, 3, 0]);
  });

  it('fills the area to its last guard page', () => {
    const area = new VmallocArea(4);
    expect([area.take(4), area.take(3), area.freePages]).to.deep.equal([-1, 0, 0]);
  });

  it('never lets two runs touch, and gives everything back', () => {
    const script = fc.array(fc.record({ pages: fc.integer({ min: 1, max: 9 }), give: fc.nat(20) }));
    fc.assert(
      fc.property(script, (steps) => {
        const area = new VmallocArea(64);
        const runs = new Map<number, number>();
        for (const { pages, give } of steps) {
          const victim = [...runs.keys()][give];
          if (victim !== undefined) {
            expect(area.give(victim)).to.equal(runs.get(victim));
            runs.delete(victim);
          }
          const first = area.take(pages);
          if (first < 0) continue;
          for (const [other, length] of runs)
            expect(first + pages < other || other + length < first).to.equal(true);
          expect(first + pages).to.be.below(64);
          runs.set(first, pages);
          const taken = [...runs.values()].reduce((sum, length) => sum + length + 1, 0);
          const { largestRunPages } = area;
          const longest = area.take(largestRunPages);
          if (longest >= 0) area.give(longest);
          expect(longest >= 0 || largestRunPages === 0).to.equal(true);
          expect(area.take(largestRunPages + 1)).to.equal(-1);
          expect(area.freePages).to.equal(64 - taken);
        }
        for (const first of runs.keys()) area.give(first);
        expect([area.freePages, area.take(63)]).to.deep.equal([64, 0]);
      }),
    );
  });
});
