import { expect } from 'chai';
import { tokensOf } from '../../../lib/explore/sight/tokens.ts';

const words = (source: string): string | undefined =>
  tokensOf(source)
    ?.map(({ text }) => text)
    .join(' ');

describe('tokensOf', () => {
  for (const [source, expected] of [
    ['a+=b; c ++', 'a += b ; c ++'],
    ['x?.y ?? z', 'x ?. y ?? z'],
    ['a?.5:b', 'a ? .5 : b'],
    ['f("it\'s // no comment") // a comment', 'f (  )'],
    ['/* a */ b /* c */', 'b'],
    ['a / b / c', 'a / b / c'],
    ['x = /[/"]/g.test(y)', 'x =  . test ( y )'],
    ['return /"/', 'return '],
    ['`a ${b + `${c}`} d`', ' { b +  { c } }'],
    ['this.#p = 0x1f', 'this . #p = 0x1f'],
    ['a >>>= b => c', 'a >>>= b => c'],
  ] as const)
    it(`reads ${source}`, () => {
      expect(words(source)).to.equal(expected);
    });

  for (const source of ['f(', 'f)', '(]', '"open', '`${a', '/open'])
    it(`says that it cannot read ${source}`, () => {
      expect(tokensOf(source)).to.equal(undefined);
    });

  it('pairs brackets, and knows where each word stands', () => {
    const tokens = tokensOf('f({ a: [1] })') ?? [];
    expect(tokens.map(({ partner }) => partner)).to.deep.equal([-1, 9, 8, -1, -1, 7, -1, 5, 2, 1]);
    expect(tokens[3]).to.deep.include({ text: 'a', at: 4 });
  });
});
