import { expect } from 'chai';
import { mergeOutcomes } from 'scatterlist/explore';
import type { Outcome } from 'scatterlist/explore';
import { switchesOf } from '../../lib/explore/outcome.ts';

const counts = { schedules: 2, steps: 10, states: 3, pruned: 1, milliseconds: 7 };
const exhausted: Outcome = { kind: 'exhausted', strategy: 'exhaustive', counts, unseen: [] };
const over: Outcome = {
  kind: 'outOfBudget',
  strategy: 'exhaustive',
  counts,
  unseen: [],
  limit: 'steps',
  progress: 0.5,
};

describe('mergeOutcomes', () => {
  it('adds the counts and keeps the longest time', () => {
    expect(mergeOutcomes([exhausted, exhausted])).to.deep.equal({
      ...exhausted,
      counts: { schedules: 4, steps: 20, states: 6, pruned: 2, milliseconds: 7 },
    });
  });

  it('is exhausted only where every shard is', () => {
    expect(mergeOutcomes([exhausted, over])?.kind).to.equal('outOfBudget');
    expect(mergeOutcomes([])).to.equal(undefined);
  });

  it('keeps the worst, wherever it stands: not deterministic, violated, out of budget, exhausted', () => {
    const found = { ...over, kind: 'violation', schedule: '0' } as unknown as Outcome;
    const unsure: Outcome = {
      kind: 'nondeterministic',
      strategy: 'exhaustive',
      counts,
      unseen: ['y', 'z'],
      what: 'x',
      schedule: '',
    };
    const ranked = [unsure, found, over, exhausted];
    for (const [i, worse] of ranked.entries()) {
      for (const better of ranked.slice(i)) {
        expect(mergeOutcomes([worse, better])?.kind).to.equal(worse.kind);
        expect(mergeOutcomes([better, worse])?.kind).to.equal(worse.kind);
      }
    }
    const slow = { ...exhausted, counts: { ...counts, milliseconds: 9 } };
    expect(mergeOutcomes([slow, exhausted])?.counts.milliseconds).to.equal(9);
    expect(mergeOutcomes([found])).to.equal(found);
    expect(mergeOutcomes([unsure, { ...exhausted, unseen: ['z', 'w'] }])?.unseen).to.deep.equal([
      'y',
      'z',
      'w',
    ]);
  });

  it('counts switches', () => {
    expect(switchesOf([0, 0, 1, 1, 0])).to.equal(2);
  });
});
