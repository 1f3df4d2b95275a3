import { expect } from 'chai';
import { EFFECTS, ENOMEM, failureEffects } from 'scatterlist/lab';
import type { Effect } from 'scatterlist/lab';
import sgMap2017 from '../../../examples/lab/sg-map-2017.ts';
import { partsOf, toyWith } from './toy.ts';

function effectsOf(candidate: Parameters<typeof failureEffects>[0]): readonly Effect[] {
  return failureEffects(candidate, 'copyResponse').map(({ effect }) => effect);
}

describe('failureEffects', () => {
  it('says of each call what its failure does', () => {
    const effects = failureEffects(sgMap2017, 'manyMaps');
    expect(effects.map(({ call, failAt, effect }) => [call, failAt, effect])).to.deep.equal(
      [0, 1, 2, 3, 4].map((failAt) => [failAt < 4 ? 'sg_map' : 'sendmsg', failAt, 'refused']),
    );
  });

  it('tells a part that has moved, and what is wrong without a failure, too', () => {
    expect(effectsOf(sgMap2017)).to.deep.equal(['refused', 'half']);
    expect(failureEffects(sgMap2017, 'twoLists').map(({ effect }) => effect)).to.include('as without');
  });

  it('tells a call that is made again from another way', () => {
    const again = toyWith((env) => {
      for (const { page, offset, bytes } of partsOf(env)) {
        const mapped = env.api.local(page) ?? env.api.local(page);
        if (mapped === undefined) return -ENOMEM;
        mapped.copyFrom(bytes, offset);
        env.api.localDone(mapped);
      }
      return 0;
    });
    expect(effectsOf(again)).to.deep.equal(['retried', 'retried', 'retried']);
    const other = toyWith(function* pool(env) {
      for (const { page, offset, bytes } of partsOf(env)) {
        const local = env.api.local(page);
        const mapped = local ?? (yield* env.api.pool(page));
        mapped.copyFrom(bytes, offset);
        if (local === undefined) env.api.poolDone(mapped);
        else env.api.localDone(mapped);
      }
      return 0;
    });
    expect(effectsOf(other)).to.deep.equal(['avoided', 'avoided', 'avoided']);
  });

  it('tells a leak, a wait without end, and what breaks', () => {
    const bad = toyWith(function* leaks(env) {
      const kept = [];
      for (const { page, offset, bytes } of partsOf(env)) {
        const mapped = env.api.local(page);
        if (mapped === undefined) {
          if (kept.length === 1) return -ENOMEM;
          if (kept.length === 2) env.api.boom();
          yield* env.api.enter();
          yield* env.api.enter();
          return -ENOMEM;
        }
        mapped.copyFrom(bytes, offset);
        kept.push(mapped);
      }
      for (const mapped of kept.reverse()) env.api.localDone(mapped);
      return 0;
    });
    expect(effectsOf(bad)).to.deep.equal(['hung', 'leak', 'broken']);
  });

  it('has an order for all of them', () => {
    expect(new Set(EFFECTS).size).to.equal(EFFECTS.length);
  });
});
