import { expect } from 'chai';
import { EXIT } from '../../lib/cli/exit-codes.ts';

describe('exit codes', () => {
  it('tell a broken rule from all else, also from what Node or a signal ends with', () => {
    const { violation, ...others } = EXIT;
    expect(violation).to.equal(1);
    for (const code of Object.values(others)) expect(code).to.be.below(126).and.not.equal(1);
    expect(EXIT).to.include({ exhausted: 0, nondeterministic: 2, mistake: 2, outOfBudget: 3, bug: 70 });
  });
});
