/**
 * A direct and a checked machine must not be told apart by a driver that breaks no rule: ten thousand operations here,
 * as many as asked for with `npm run test:long`.
 */
import { expect } from 'chai';
import { compare, report, shrink, variantsOf } from './compare.ts';
import { OPERATIONS, sessionOf } from './session.ts';

const COUNT = 10_000;

describe('direct and checked machines', () => {
  it('agree on bytes, answers, errors, costs and what is left mapped', () => {
    let done = 0;
    for (let seed = 1; done < COUNT; seed += 1) {
      const { done: ran, difference } = compare(sessionOf(seed, OPERATIONS), variantsOf(seed));
      done += ran;
      if (difference !== undefined) expect.fail(report(shrink(difference)));
    }
  }).timeout(60_000);
});
