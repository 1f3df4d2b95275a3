import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { checkSkip } from '../../lib/scatterlist/check-skip.ts';
import { violationOf } from '../kernel/violations.ts';

function ask(semantics: 'strict' | 'compatible', bytes: number): string {
  const backend = kmapLocal(createMachine({ semantics }).task());
  return violationOf(() => checkSkip(backend, bytes));
}

describe('checkSkip', () => {
  it('strict: refuses what is no count of bytes', () => {
    expect(ask('strict', 1.5)).to.equal('bad-number');
    expect([0, 1, -1, NaN].map((n) => ask('strict', n))).to.deep.equal([
      'none',
      'none',
      'miter-negative-skip',
      'miter-negative-skip',
    ]);
  });

  it('compatible: lets every whole number pass, which C converts', () => {
    expect(ask('compatible', -1)).to.equal('none');
    expect(ask('compatible', 1.5)).to.equal('bad-number');
  });
});
