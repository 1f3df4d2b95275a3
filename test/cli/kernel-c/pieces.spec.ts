import { expect } from 'chai';
import { piecesOf } from '../../../lib/cli/kernel-c/pieces.ts';

const TEXT = `static int a = 1;
struct b { int c; } __packed;
static const char *d[] = { "{", "};" };
struct b *e(int f)
{
	if (f) { g(";"); }
}
int (*h(void))(int)
{
}
int last;
`;

describe('the pieces of a text of C', () => {
  it('are functions, with the name where it is plain, and others', () => {
    const { functions = [], others = [] } = piecesOf(TEXT) ?? {};
    expect(functions.map(({ name }) => name)).to.deep.equal(['e', undefined]);
    expect(functions.map(({ start, end }) => TEXT.slice(start, end))).to.deep.equal([
      'struct b *e(int f)\n{\n\tif (f) { g(";"); }\n}',
      'int (*h(void))(int)\n{\n}',
    ]);
    expect(others.map(({ start, end }) => TEXT.slice(start, end).trim())).to.deep.equal([
      'static int a = 1;',
      'struct b { int c; } __packed;',
      'static const char *d[] = { "{", "};" };',
      'int last;',
      '',
    ]);
  });

  const untold: readonly (readonly [string, string])[] = [
    ['a function of the old style', 'int f(a)\n\tint a;\n{\n}\n'],
    ['a bracket that is not closed', 'int f(int a)\n{\n'],
    ['a bracket too many', 'int f(int a)\n{\n}\n}\n'],
    ['a block inside of parentheses', 'MACRO(a, {\n})\nint f(void)\n{\n}\n'],
  ];
  for (const [what, text] of untold)
    it(`are not told by brackets where there is ${what}`, () => {
      expect(piecesOf(text)).to.equal(undefined);
    });
});
