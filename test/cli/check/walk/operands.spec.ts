import { expect } from 'chai';
import fc from 'fast-check';
import { argumentsIn, operandsOf } from '../../../../lib/cli/check/walk/operands.ts';
import type { Value } from '../../../../lib/cli/check/walk/value.ts';

const OPERATORS = ['&&', '||', '==', '<<', '>>', '<', '+', '-', '*', '/', '%', '&', '|', '^'];

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      '#4',
      '#-4',
      '%a',
      '‹c7›',
      "‹φ3.i'›",
      '%sg->page_link',
      '*%p',
      '&(x)',
      '!%a',
      '-E:ENOMEM',
      '@9+',
      'PAGE_SIZE',
    ),
    tie('value').map((inner) => `f(${inner},${inner})`),
    tie('value').map((inner) => `%list[${inner}].page`),
    fc.tuple(tie('value'), fc.constantFrom(...OPERATORS), tie('value')).map((all) => `(${all.join('')})`),
  ),
}));

// `@9+` with a sign behind it reads like an address that was moved: the walk makes no such expression.
const plain = value.filter((each) => !/@9\+[)\]+-]*[^)\],]/.test(`${each})`));

describe('operands', () => {
  it('are what a value was computed of', () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(...OPERATORS), plain, (left, operator, right) => {
        // No C has an address behind `&`; it would read like `&&`.
        if (left.startsWith('@9') || (operator === '&' && right.startsWith('&'))) return;
        expect(operandsOf(`(${left}${operator}${right})`)).to.deep.equal({ operator, left, right });
      }),
      { numRuns: 1000 },
    );
  });

  it('are none of any other value', () => {
    for (const each of ['%a', '#4', '@9+', 'f(%a+%b)', '(%a)', '‹x12›', ''])
      expect(operandsOf(each), each).to.equal(undefined);
  });

  it('of a call are its arguments', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (all) => {
        expect(argumentsIn(`min(${all.join(',')})`)).to.deep.equal(all);
      }),
    );
  });
});
