import { expect } from 'chai';
import fc from 'fast-check';
import { compare, isSame } from '../../../../../site/lab/view/machine/compare.ts';

const entries = fc.uniqueArray(
  fc.record({ key: fc.integer({ min: 0, max: 9 }), value: fc.integer({ min: 0, max: 2 }) }),
  {
    selector: ({ key }) => key,
  },
);

describe('site/lab/view/machine/compare', () => {
  it('marks what is new, changed and gone', () => {
    fc.assert(
      fc.property(entries, entries, (now, before) => {
        const marks = compare(now, before, ({ key }) => key);
        expect(marks.filter(({ change }) => change !== 'gone').map(({ entry }) => entry)).to.deep.equal(now);
        for (const { entry, change } of marks) {
          const [is, was] = [now, before].map((list) => list.find(({ key }) => key === entry.key)?.value);
          const right =
            is === undefined ? 'gone' : was === undefined ? 'new' : is === was ? 'same' : 'changed';
          expect(change).to.equal(right);
        }
        const keys = new Set([...now, ...before].map(({ key }) => key));
        expect(marks).to.have.length(keys.size);
      }),
    );
  });

  it('marks nothing where there is no picture before', () => {
    expect(compare([{ key: 1 }], undefined, ({ key }) => key)).to.deep.equal([
      { entry: { key: 1 }, change: 'same' },
    ]);
  });

  it('compares by content', () => {
    expect(isSame({ holders: ['a'] }, { holders: ['a'] })).to.be.true;
    expect(isSame({ holders: ['a'] }, { holders: [] })).to.be.false;
  });
});
