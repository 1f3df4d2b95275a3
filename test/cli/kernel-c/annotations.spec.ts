import { expect } from 'chai';
import { macroDeclarations, withoutAnnotations } from '../../../lib/cli/kernel-c/annotations.ts';

describe('annotations of the kernel', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['static __init int f(void __user *p)', 'static int f(void *p)'],
    ['static __always_inline int f(void)', 'static inline int f(void)'],
    ['int f(int a) __must_hold(&b->lock) __acquires(c)', 'int f(int a)'],
    ['struct a { int b; } __attribute__((packed, aligned(sizeof(int)))) c;', 'struct a { int b; } c;'],
    ['int my__init = __initial;', 'int my__init = __initial;'],
  ];
  for (const [text, bare] of cases)
    it(`${text}`, () => {
      const left = withoutAnnotations(text);
      expect(left.length).to.equal(text.length);
      expect(left.replaceAll(/ +/g, ' ').replaceAll(' ;', ';').trim()).to.equal(bare);
    });
});

describe('declarations by macro', () => {
  const declared = (text: string): readonly string[] =>
    macroDeclarations(text).map(({ start, end }) => text.slice(start, end));

  it('end with a semicolon, or with the line', () => {
    expect(declared('EXPORT_SYMBOL(f);\nMODULE_LICENSE("GPL")\n\nlate_initcall(g)\n;\nint x;')).to.deep.equal(
      ['EXPORT_SYMBOL(f);', 'MODULE_LICENSE("GPL")', 'late_initcall(g)\n;'],
    );
  });

  it('tell their names', () => {
    const [one] = macroDeclarations('static DEFINE_PER_CPU(struct a, b);');
    expect(one).to.deep.include({ macro: 'DEFINE_PER_CPU', isStatic: true, names: ['struct', 'a', 'b'] });
  });

  it('are none where a body, a value or more of a declaration follows', () => {
    expect(declared('SYSCALL_DEFINE1(f, int, a)\n{\n}\n')).to.deep.equal([]);
    expect(declared('DEFINE_TABLE(a) = { 1 };\n')).to.deep.equal([]);
    expect(declared('DECLARE_TYPE(a) *f(void);\n')).to.deep.equal([]);
    expect(declared('\tBUG_ON(x);\n')).to.deep.equal([]);
  });
});
