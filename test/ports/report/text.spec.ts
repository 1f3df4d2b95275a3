import { expect } from 'chai';
import { PLAIN } from 'scatterlist/ports';
import { distinct, fit, groupBy, listText, sizeText } from '../../../lib/ports/report/text.ts';

describe('text of a table', () => {
  it('groups and keeps the order', () => {
    expect([...groupBy([3, 1, 5, 2], (n) => (n % 2 === 0 ? 'even' : 'odd'))]).to.deep.equal([
      ['odd', [3, 1, 5]],
      ['even', [2]],
    ]);
    expect(distinct(['a', 'b', 'a'])).to.deep.equal(['a', 'b']);
  });

  it('shortens and pads', () => {
    expect([fit('abc', 5), fit('abcdef', 4), fit('abcd', 4)]).to.deep.equal(['abc  ', 'abc…', 'abcd']);
    expect([0, 1023, 1024, 1024 * 1024].map(sizeText)).to.deep.equal(['0 B', '1023 B', '1.0 KiB', '1.0 MiB']);
  });

  it('lists as many items as there is room for, and says how many are left', () => {
    expect(listText(['one', 'two', 'three'], 15)).to.equal('one, two, three');
    expect(listText(['one', 'two', 'three'], 14)).to.equal('one and 2 more');
    expect(listText(['one'], 20)).to.equal('one');
  });

  it('changes no text that is printed without colours', () => {
    expect(PLAIN.bold('x')).to.equal('x');
  });
});
