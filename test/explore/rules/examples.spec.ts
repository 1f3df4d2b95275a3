import { expect } from 'chai';
import { RULES } from 'scatterlist/machine';
import { EXAMPLES } from '../../../lib/explore/rules/examples.ts';
import { endRules } from '../../../lib/explore/rules/index.ts';
import { lostWrite } from '../../../lib/explore/rules/lost-write.ts';

describe('examples of rules', () => {
  it('are there for every rule, once', () => {
    const judged: readonly string[] = [...endRules, lostWrite].map(({ id }) => id);
    const told = [...Object.keys(EXAMPLES), ...judged];
    expect(Object.keys(RULES).filter((id) => !told.includes(id))).to.deep.equal([]);
  });
});
