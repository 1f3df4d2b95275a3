import { expect } from 'chai';
import fc from 'fast-check';
import { Journal } from '../../../lib/explore/execution/journal.ts';

type Change = readonly ['set' | 'add' | 'delete', key: number, value: number];

const changes = fc.array(
  fc.tuple(fc.constantFrom('set' as const, 'add' as const, 'delete' as const), fc.nat(4), fc.nat(2)),
  { maxLength: 30 },
);

describe('Journal', () => {
  function apply(journal: Journal, map: Map<number, number>, set: Set<number>, all: readonly Change[]): void {
    for (const [verb, key, value] of all) {
      if (verb === 'set') journal.set(map, key, value);
      else if (verb === 'add') journal.add(set, key);
      else journal.delete(set, key);
    }
  }

  it('takes back any changes since a moment', () => {
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const journal = new Journal(true);
        const map = new Map<number, number>();
        const set = new Set<number>();
        apply(journal, map, set, first);
        const then = { map: new Map(map), set: new Set(set), moment: journal.moment };
        apply(journal, map, set, second);
        journal.goBackTo(then.moment);
        expect(map).to.deep.equal(then.map);
        expect(set).to.deep.equal(then.set);
        journal.goBackTo(0);
        expect([map.size, set.size]).to.deep.equal([0, 0]);
      }),
    );
  });

  it('makes the changes, and needs no room where they are not kept', () => {
    const journal = new Journal(false);
    const map = new Map<number, number>();
    const set = new Set([7]);
    apply(journal, map, set, [
      ['set', 1, 2],
      ['set', 1, 3],
      ['add', 5, 0],
      ['delete', 7, 0],
    ]);
    expect([[...map], [...set], journal.moment]).to.deep.equal([[[1, 3]], [5], 0]);
  });
});
