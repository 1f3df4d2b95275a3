import { expect } from 'chai';
import { CROWD_USERS, measureCrowd } from 'scatterlist/lab';
import copyOnly from '../../../examples/lab/copy-only.ts';
import sgMap2017 from '../../../examples/lab/sg-map-2017.ts';
import typedSgMap from '../../../examples/lab/typed-sg-map.ts';
import { partsOf, toyWith } from './toy.ts';

describe('measureCrowd', () => {
  it('sees no waits where none is needed, and not those of the job itself', () => {
    for (const job of ['cursor', 'sharedView'] as const)
      expect(measureCrowd(copyOnly, job), job).to.deep.include({
        done: CROWD_USERS,
        refused: 0,
        lost: 0,
        waits: 0,
        longestSteps: 0,
        stopped: undefined,
      });
  });

  it('counts waits for a pool, and wake-ups in vain', () => {
    const crowd = measureCrowd(
      toyWith(function* pool(env) {
        for (const { page, offset, bytes } of partsOf(env)) {
          const mapped = yield* env.api.pool(page);
          yield;
          mapped.copyFrom(bytes, offset);
          env.api.poolDone(mapped);
        }
        return 0;
      }),
      'copyResponse',
    );
    expect(crowd?.pools.pkmapSlots).to.equal(1);
    expect(crowd?.done).to.equal(CROWD_USERS);
    // Three maps each; the first of all needs no wait.
    expect(crowd?.waits).to.be.within(2 * CROWD_USERS, 3 * CROWD_USERS - 1);
    expect(crowd?.inVain).to.be.above(CROWD_USERS);
    expect(crowd?.longestSteps).to.be.above(CROWD_USERS);
  });

  it('counts those that are overtaken', () => {
    const at = (isLastFirst: boolean) =>
      measureCrowd(
        toyWith(function* gate(env) {
          if (isLastFirst) yield* env.api.enter();
          for (const { page, offset, bytes } of partsOf(env)) {
            const mapped = env.api.local(page);
            mapped?.copyFrom(bytes, offset);
            if (mapped !== undefined) env.api.localDone(mapped);
            if (isLastFirst) yield;
          }
          if (isLastFirst) env.api.leave();
          return 0;
        }),
        'copyResponse',
      );
    expect(at(false)).to.deep.include({ waits: 0, overtaken: 0 });
    expect(at(true)).to.deep.include({ done: CROWD_USERS, waits: CROWD_USERS - 1, overtaken: 6 });
  });

  it('counts who gets an error, and who waits for ever', () => {
    expect(
      measureCrowd(
        toyWith(() => -5),
        'copyResponse',
      ),
    ).to.deep.include({ done: 0, refused: CROWD_USERS });
    const crowd = measureCrowd(sgMap2017, 'manyMaps');
    expect(crowd).to.deep.include({ done: 0, lost: CROWD_USERS });
    expect(crowd?.stopped).to.match(/^deadlock: "user0" waits for kmap pool/);
  });

  it('has no waiters in a job that must not sleep', () => {
    expect(measureCrowd(typedSgMap, 'mustNotSleep')).to.equal(undefined);
  });
});
