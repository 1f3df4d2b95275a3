import { expect } from 'chai';
import fc from 'fast-check';
import { fitted } from '../../lib/cli/help-text.ts';

describe('a help text', () => {
  it('is left as it is where it fits', () => {
    const help = 'scatterlist x: y\n\n  --a N    one\n           two\n  -b       three\n\nEnd.\n';
    expect(fitted(help, 20)).to.equal(help);
  });

  it('is broken anew with the lines that go on with a description', () => {
    const help = '  --a N    one two three\n           four\n  -b       five\n';
    expect(fitted(help, 20)).to.equal(
      '  --a N    one two\n           three\n           four\n  -b       five\n',
    );
    expect(fitted('one two three\nfour five\n\nsix\n', 10)).to.equal('one two\nthree four\nfive\n\nsix\n');
    expect(fitted('  one two three\n  four\n', 10)).to.equal('  one two\n  three\n  four\n');
  });

  it('has every word, in order, and no line that is too long', () => {
    const word = fc.stringMatching(/^[a-z]{1,9}$/);
    const words = fc.array(word, { minLength: 1, maxLength: 20 }).map((all) => all.join(' '));
    const row = fc.tuple(word, words).map(([name, text]) => `  --${name.padEnd(10)}  ${text}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(words, row, fc.constant('')), { maxLength: 8 }), (lines) => {
        const help = lines.join('\n');
        const made = fitted(help, 30);
        expect(made.split(/\s+/)).to.deep.equal(help.split(/\s+/));
        for (const line of made.split('\n')) expect(line.length).to.be.at.most(30);
      }),
    );
  });
});
