import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import type { Outcome } from 'scatterlist/explore';
import atomicToLocal from '../../examples/explore/atomic-to-local.ts';
import lostWakeUp from '../../examples/explore/lost-wake-up.ts';
import nestedKmap from '../../examples/explore/nested-kmap.ts';

const ruleOf = (outcome: Outcome): string =>
  outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind;

describe('the examples of the explorer find what they promise', () => {
  it('a lost update, a deadlock, a lost wake-up', () => {
    expect(ruleOf(explore(atomicToLocal))).to.equal('lost-write');
    expect(ruleOf(explore(nestedKmap))).to.equal('deadlock');
    expect(ruleOf(explore(lostWakeUp))).to.equal('lost-wakeup');
  });
});
