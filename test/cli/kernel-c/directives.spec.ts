import { expect } from 'chai';
import fc from 'fast-check';
import { withoutDirectives } from '../../../lib/cli/kernel-c/directives.ts';
import type { Directive } from '../../../lib/cli/kernel-c/directives.ts';

/** What is read if the conditions in a list hold. */
function read(text: string, ...held: readonly string[]): string {
  const { text: left } = withoutDirectives(text, {
    takes: ({ word, rest }) => word === 'else' || held.includes(rest),
  });
  return left.replaceAll(/\s+/g, ' ').trim();
}

const NESTED = `a
#if ONE
b
# if TWO
c
# elif THREE
d
# else
e
# endif
#elif TWO
f
#else
g
#endif
h
`;

describe('directives of C', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], 'a g h'],
    [['ONE'], 'a b e h'],
    [['ONE', 'TWO'], 'a b c h'],
    [['ONE', 'THREE'], 'a b d h'],
    [['TWO'], 'a f h'],
    [['TWO', 'THREE'], 'a f h'],
  ];
  for (const [held, left] of cases)
    it(`take the branches of ${held.join(' and ') || 'nothing'}`, () => {
      expect(read(NESTED, ...held)).to.equal(left);
    });

  it('reach over lines', () => {
    expect(read('#define A \\\n  b \\\n  c\nd\n#if X \\\n  && Y\ne\n#endif', 'X    && Y')).to.equal('d e');
  });

  it('are told where they are read, with their places', () => {
    const told: Directive[] = [];
    const text = '#if A\n#define B 1\n#else\n#define C 2\n#include "c.h"\n#endif\n';
    const { conditionals } = withoutDirectives(text, {
      takes: ({ word }) => word === 'else',
      met: (directive) => told.push(directive),
    });
    expect(told.map(({ word, rest }) => `${word} ${rest}`)).to.deep.equal(['define C 2', 'include "c.h"']);
    expect(text.slice(told[0]?.start, told[0]?.end)).to.equal('#define C 2\n');
    expect(conditionals.map(({ opening, end }) => [opening.start, end])).to.deep.equal([[0, text.length]]);
  });

  it('survive an #else and an #endif too many', () => {
    expect(read('a\n#else\nb\n#endif\nc')).to.equal('a b c');
  });

  it('keep every line and every offset', () => {
    const line = fc.constantFrom(
      'a b',
      '#if A',
      '#ifdef B',
      '# else',
      '#elif C',
      '#endif',
      '#define D \\',
      '',
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.boolean(), { minLength: 1 }), (lines, answers) => {
        const text = lines.join('\n');
        let asked = 0;
        const { text: left } = withoutDirectives(text, {
          takes: () => answers[asked++ % answers.length] === true,
        });
        expect(left.length).to.equal(text.length);
        for (let at = 0; at < text.length; at++)
          expect(left[at]).to.be.oneOf(text[at] === '\n' ? ['\n'] : [text[at], ' ']);
        expect(left).not.to.include('#');
      }),
    );
  });
});
