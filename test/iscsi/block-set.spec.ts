import { expect } from 'chai';
import fc from 'fast-check';
import { BlockSet } from '../../examples/iscsi-target/store/block-set.ts';

const BLOCKS = 100;

describe('a set of blocks', () => {
  it('has what was added and not deleted, in runs no longer than asked for', () => {
    const change = fc.record({
      adds: fc.boolean(),
      first: fc.integer({ min: 0, max: BLOCKS - 1 }),
      count: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (changes, most) => {
        const set = new BlockSet(BLOCKS);
        const model = new Set<number>();
        for (const { adds, first, count: asked } of changes) {
          const count = Math.min(asked, BLOCKS - first);
          if (adds) set.add(first, count);
          else set.delete(first, count);
          for (let block = first; block < first + count; block += 1) {
            if (adds) model.add(block);
            else model.delete(block);
          }
        }
        const wanted = [...model].sort((a, b) => a - b);
        const copy = new BlockSet(BLOCKS);
        copy.addAll(set);
        const runs = [...copy.runs(most)];
        expect(runs.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i))).to.eql(
          wanted,
        );
        expect(runs.every(({ count }) => count > 0 && count <= most)).to.equal(true);
        for (let block = 0; block < BLOCKS; block += 1) expect(set.has(block)).to.equal(model.has(block));
      }),
    );
  });
});
