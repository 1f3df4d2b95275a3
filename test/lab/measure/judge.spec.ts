import { expect } from 'chai';
import { judgeJob } from 'scatterlist/lab';
import { modelledCycles } from '../../../lib/machine/ledger.ts';
import copyOnly from '../../../examples/lab/copy-only.ts';
import sgMap2017 from '../../../examples/lab/sg-map-2017.ts';
import { partsOf, toyWith } from './toy.ts';

describe('judgeJob', () => {
  it('measures a run, its cost, its failures, two users and many', () => {
    const { outcome, counts, cycles, failures, deadlock, crowd } = judgeJob(sgMap2017, 'manyMaps');
    expect(outcome.kind).to.equal('done');
    expect(counts.maps).to.equal(4);
    expect(cycles).to.equal(modelledCycles(counts));
    expect(failures).to.have.length(5);
    expect(deadlock.found).to.equal('deadlock');
    expect(crowd?.lost).to.equal(8);
  });

  it('measures jobs of each kind: with a device, with an interrupt, in a softirq', () => {
    for (const job of ['deviceMiddle', 'sharedView', 'mustNotSleep'] as const)
      expect(judgeJob(copyOnly, job).outcome.kind, job).to.equal('done');
  });

  it('gives a worse call site worse figures', () => {
    const good = toyWith((env) => {
      for (const { page, offset, bytes } of partsOf(env)) {
        const mapped = env.api.local(page);
        if (mapped === undefined) return -12;
        mapped.copyFrom(bytes, offset);
        env.api.localDone(mapped);
      }
      return 0;
    });
    const worse = toyWith(function* all(env) {
      const kept = [];
      for (const { page, offset, bytes } of partsOf(env)) {
        const mapped = yield* env.api.pool(page);
        kept.push(mapped);
        const twice = env.api.local(page);
        if (twice === undefined) return -12;
        mapped.copyFrom(bytes, offset);
        env.api.localDone(twice);
      }
      for (const mapped of kept) env.api.poolDone(mapped);
      return 0;
    });
    const [a, b] = [judgeJob(good, 'copyResponse'), judgeJob(worse, 'copyResponse')];
    expect([a.outcome.kind, b.outcome.kind]).to.deep.equal(['done', 'done']);
    expect(b.cycles).to.be.above(a.cycles);
    expect(a.failures.map(({ effect }) => effect)).to.deep.equal(['refused', 'half', 'half']);
    expect(b.failures.map(({ effect }) => effect)).to.deep.equal(['leak', 'leak', 'leak']);
    expect([a.deadlock.found, b.deadlock.found]).to.deep.equal(['none', 'deadlock']);
    expect([a.crowd?.lost, b.crowd?.lost]).to.deep.equal([0, 8]);
  });
});
