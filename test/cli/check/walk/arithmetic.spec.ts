import { expect } from 'chai';
import fc from 'fast-check';
import { arithmetic, further } from '../../../../lib/cli/check/walk/arithmetic.ts';
import { mappedOf, mappedValue } from '../../../../lib/cli/check/walk/value.ts';
import type { Offset, Value } from '../../../../lib/cli/check/walk/value.ts';
import { computed, numberIn } from './plain.ts';

const WORLD = new Map([
  ['%a', 5],
  ['%b', -3],
]);

/** An expression as the walk keeps it, with what it is worth. */
interface Worth {
  readonly value: Value;
  readonly is: number | undefined;
}

const { expression } = fc.letrec<{ expression: Worth }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...WORLD).map(([value, is]) => ({ value, is })),
    fc.integer({ min: -9, max: 9 }).map((is) => ({ value: `#${String(is)}`, is })),
    fc
      .tuple(
        fc.constantFrom('+', '-', '*', '/', '%', '&', '|', '<<', '>>'),
        tie('expression'),
        tie('expression'),
      )
      .map(([operator, left, right]) => ({
        value: arithmetic(operator, left.value, right.value),
        is:
          left.is === undefined || right.is === undefined ? undefined : computed(operator, left.is, right.is),
      })),
  ),
}));

describe('arithmetic with values', () => {
  it('gives a value that is worth what the numbers give', () => {
    fc.assert(
      fc.property(expression, ({ value, is }) => {
        if (is !== undefined && !value.startsWith('‹x')) expect(numberIn(WORLD, value), value).to.equal(is);
      }),
      { numRuns: 1000 },
    );
  });

  it('counts on and back to where it began', () => {
    const [on, back] = ['+', '-'].map(
      (operator) => (value: Value, by: number) => arithmetic(operator, value, `#${String(by)}`),
    );
    expect(on?.(on('%i', 1), 1)).to.equal('(%i+#2)');
    expect(back?.(on?.('%i', 2) ?? '', 3)).to.equal('(%i-#1)');
    expect(back?.(on?.('%i', 2) ?? '', 2)).to.equal('%i');
  });

  it('leaves numbers that have no 32 bits as they are', () => {
    expect(arithmetic('&', '#4294967295', '#2147483648')).to.equal('(#4294967295&#2147483648)');
    expect(arithmetic('<<', '#1', '#-1')).to.equal('(#1<<#-1)');
  });

  it('stays in the mapping that an address belongs to, unless two meet', () => {
    expect(arithmetic('+', '@9', '%length')).to.equal('@9+');
    expect(arithmetic('+', '%length', '@9')).to.equal('@9+');
    expect(arithmetic('+', '@9~', '#1')).to.equal('@9~');
    expect(arithmetic('-', '@9~', '#1')).to.equal('@9+');
    expect(arithmetic('-', '@9?', '#1')).to.equal('@9?');
    expect(arithmetic('-', '@9+', '@9')).to.equal('(@9+-@9)');
    expect(arithmetic('+', '@9', '#0')).to.equal('@9');
    expect(arithmetic('&', '@9', '%mask')).to.equal('@9?');
  });

  it('goes further from the start, and never back to it', () => {
    const all: readonly Offset[] = ['start', 'inside', 'moved', 'derived'];
    expect(all.map(further)).to.deep.equal(['inside', 'inside', 'moved', 'derived']);
    for (const offset of all)
      expect(mappedOf(mappedValue('9.1', offset))).to.deep.equal({ token: '9.1', offset });
  });
});
