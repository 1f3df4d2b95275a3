import { expect } from 'chai';
import fc from 'fast-check';
import { hangingLines, wrapText } from '../../lib/base/text-lines.ts';

describe('wrapText', () => {
  it('breaks at spaces and sets the following lines in', () => {
    expect(wrapText('map 0x40 slot 0 at a.ts:7', 12)).to.deep.equal(['map 0x40', '  slot 0 at', '  a.ts:7']);
    expect(wrapText('', 10)).to.deep.equal(['']);
    expect(wrapText('short', 10)).to.deep.equal(['short']);
    expect(wrapText('  two', 5)).to.deep.equal(['  two']);
    expect(wrapText('  two three', 7)).to.deep.equal(['  two', '  three']);
  });

  it('shortens a long place at its front, and keeps the number of the line', () => {
    expect(wrapText('at a-very-long-name.spec.ts:1234', 12)).to.deep.equal(['at', '  …c.ts:1234']);
  });

  it('never makes a line longer than asked, and loses no number of a line', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 30, unit: fc.constantFrom('a', 'b', '+') }),
      fc.nat(9999).map((line) => `some-program.ts:${String(line)}`),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.integer({ min: 10, max: 60 }), (words, width) => {
        const lines = wrapText(words.join(' '), width);
        expect(lines.every((line) => line.length <= width)).to.equal(true);
        const numbers = words.flatMap((one) => /:\d+$/.exec(one) ?? []);
        const shown = lines.join('\n').match(/:\d+(?=\s|$)/g) ?? [];
        expect(shown).to.deep.equal(numbers);
      }),
    );
  });
});

describe('hangingLines', () => {
  it('sets the lines after the first in by the length of its beginning', () => {
    expect(hangingLines('a:  ', 'one two three', 11)).to.deep.equal(['a:  one two', '    three']);
    expect(hangingLines('  ', 'one', 11)).to.deep.equal(['  one']);
  });
});
