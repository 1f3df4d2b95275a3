import { expect } from 'chai';
import fc from 'fast-check';
import { diffLines } from '../../../lib/cli/lab/diff-lines.ts';

describe('diffLines', () => {
  it('shows what is gone and what is new, in order, without the spaces before', () => {
    expect(diffLines('a\n  b\nc\nd', 'a\nx\nc\nd\ne')).to.deep.equal(['- b', '+ x', '+ e']);
    expect(diffLines('a\nb', 'a\n\n   b')).to.deep.equal([]);
  });

  it('turns the one text into the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before.join('\n'), after.join('\n'));
        const count = (mark: string): number => lines.filter((line) => line.startsWith(mark)).length;
        expect(before.length - count('-')).to.equal(after.length - count('+'));
        const common = before.length - count('-');
        for (let i = 0; i < before.length && before[i] === after[i]; i += 1) expect(common).to.be.above(i);
      }),
    );
  });
});
