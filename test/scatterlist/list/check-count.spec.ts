import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { checkCount, invalidCount, isCount } from '../../../lib/scatterlist/list/check-count.ts';
import { violationOf } from '../../kernel/violations.ts';

describe('counts of list functions', () => {
  it('are whole numbers in range; compatible lists take any whole one', () => {
    for (const n of [-1, 1.5, NaN, 6]) expect(isCount(n, {}, 0, 5), String(n)).to.be.false;
    expect([isCount(5, {}, 0, 5), isCount(0, {}, 1)]).to.deep.equal([true, false]);
    const how = { semantics: 'compatible' } as const;
    expect([-1, 6, 1.5].map((n) => isCount(n, how, 0, 5))).to.deep.equal([true, true, false]);
  });

  it('are refused to the machine where there is one, and to the caller', () => {
    const act = (how: object) => () => {
      checkCount(how, 'nents', 1.5, 9);
    };
    expect(violationOf(act({ machine: createMachine() }))).to.equal('bad-number');
    expect(act({})).to.throw(RangeError, 'nents is 1.5; it must be a whole number from 0 to 9');
    expect(invalidCount('nents', NaN, 1, 9)).to.deep.equal({
      ok: false,
      error: { code: 'InvalidArgument', argument: 'nents', got: NaN, expected: 'a whole number from 1 to 9' },
    });
  });
});
