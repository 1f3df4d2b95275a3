import { expect } from 'chai';
import fc from 'fast-check';
import { maskSource } from '../../../../lib/cli/check/parse/mask.ts';

/** The text that is left, with one space for each row of them. */
function masked(text: string): string {
  return maskSource(text, 'first').text.replaceAll(/\s+/g, ' ').trim();
}

describe('kernel C for the grammar', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['list_for_each_entry(p, &list, lru) f(p);', 'while (p, &list, lru) f(p);'],
    ['for_each_thing(a);', 'for_each_thing(a);'],
    ['a = list_entry(p, struct page, lru);', 'a = list_entry(p, T , lru);'],
    ['a = kzalloc_obj(struct a);', 'a = kzalloc_obj(T );'],
    ['a = sizeof(struct a);', 'a = sizeof(struct a);'],
    ['\tASSERTCMP(a, <=, b);', 'ASSERTCMP(a, T , b);'],
    ['a = offsetof(struct b, c.d[0]);', 'a = offsetof(T , c_d_0_);'],
    ['SYSCALL_DEFINE2(f, int, a, char __user *, b)\n{}', 'int f( int a, char * b) {}'],
    ['scoped_guard(spinlock, &a) f();', 'if (spinlock, &a) f();'],
    ['scoped_cond_guard(mutex_try, return -EBUSY, &a) f();', 'if (mutex_try, -EBUSY, &a) f();'],
    ['scoped_cond_guard(mutex_try, continue, &a) f();', 'if (mutex_try, 0 , &a) f();'],
    ['scoped_ksimd() { f(); }', '{ f(); }'],
  ];
  for (const [text, left] of cases)
    it(text, () => {
      expect(masked(text).replaceAll(/\s+(?=[,)])/g, '')).to.equal(left.replaceAll(/\s+(?=[,)])/g, ''));
    });

  it('takes one branch of a directive or the other', () => {
    const text = '#ifdef A\none\n#else\ntwo\n#endif\n#if 0\nthree\n#else\nfour\n#endif\n';
    expect(maskSource(text, 'first').text.match(/\w+/g)).to.deep.equal(['one', 'four']);
    expect(maskSource(text, 'last').text.match(/\w+/g)).to.deep.equal(['two', 'four']);
    expect(maskSource(text, 'first').conditional.length).to.equal(1);
  });

  it('knows which lines a comment silences', () => {
    const { silenced } = maskSource(
      'a; // scatterlist: ok one\n\t/* scatterlist: ok\n two */\nb;\n',
      'first',
    );
    expect([...silenced]).to.deep.equal([
      [1, 'one'],
      [4, ''],
    ]);
  });

  it('knows what __free names, and what DEFINE_FREE defines', () => {
    const text =
      'int a;\nDEFINE_FREE(undo, void *, if (_T) kunmap_local(_T))\nvoid f(void) { char *b __free(undo) = g(); }';
    const { cleanups, releases } = maskSource(text, 'first');
    expect([...cleanups]).to.deep.equal([[text.indexOf('__free('), 'undo']]);
    expect(releases).to.deep.equal(['\nstatic void __free_undo(void * _T) { if (_T) kunmap_local(_T);}\n']);
  });

  it('keeps every line, and every offset of what is left', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        ' ',
        '\n',
        '(',
        ')',
        '{',
        '}',
        ';',
        ',',
        '"',
        "'",
        '/*',
        '*/',
        '//',
        '\\',
        '#if A\n',
        '#else\n',
        '#endif\n',
      ],
      ...[
        'for_each_x(',
        'scoped_guard\n(',
        'scoped_cond_guard(a, return',
        'offsetof(b, c.d)',
        'struct\nb *',
        ', int\n,',
      ],
      ...[
        'SYSCALL_DEFINE1(',
        'DEFINE_FREE(a, b, c)',
        '__free\n(x)',
        '__must_hold(',
        'static inline',
        '__always_inline',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom('first', 'last'), (pieces, branch) => {
        const text = pieces.join('');
        const left = maskSource(text, branch).text;
        expect(left.length).to.equal(text.length);
        for (let at = 0; at < text.length; at++)
          expect(left[at] === '\n', `offset ${String(at)}`).to.equal(text[at] === '\n');
      }),
      { numRuns: 300 },
    );
  });
});
