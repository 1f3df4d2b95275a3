import { expect } from 'chai';
import fc from 'fast-check';
import { blank, calls, closing, without } from '../../../lib/cli/kernel-c/text.ts';

describe('pieces of a text of C', () => {
  it('finds the bracket that closes another', () => {
    expect(closing('f(a, (b), c) + d', 1)).to.equal(11);
    expect(closing('{ if (x) { y; } }', 0)).to.equal(16);
    expect(closing('f(a, (b)', 1)).to.equal(-1);
  });

  it('takes no bracket in a text or a character for one', () => {
    const text = `f(")", ')', "\\")", '\\'')`;
    expect(closing(text, 1)).to.equal(text.length - 1);
  });

  it('agrees with counting, in texts without quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('(', ')', 'a', '\n', '{'), { maxLength: 30 }), (rest) => {
        const text = `(${rest.join('')}`;
        let depth = 0;
        const plain = [...text].findIndex((c) => (depth += Number(c === '(') - Number(c === ')')) === 0);
        expect(closing(text, 0)).to.equal(plain);
      }),
    );
  });

  it('makes spaces of pieces, and keeps the lines', () => {
    expect(blank('a\n b;')).to.equal(' \n   ');
    expect(
      without('one two three', [
        { start: 0, end: 3 },
        { start: 8, end: 13 },
      ]),
    ).to.equal('    two      ');
  });

  it('finds the outer of calls within each other, and leaves one that does not end', () => {
    const found = calls('f(1, f(2)) g(3) f(4)) f(5', /\bf\(/g);
    expect(found.map(({ start, end }) => [start, end])).to.deep.equal([
      [0, 10],
      [16, 20],
    ]);
  });
});
