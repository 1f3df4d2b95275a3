import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError } from 'scatterlist';
import { onCpu } from '../../../lib/explore/choice.ts';
import { SharedStates, sharedStatesMemory } from '../../../lib/explore/strategies/shared-states.ts';

const KEY = 2 ** 52 + 12345;

function pair(states = 1000): readonly [SharedStates, SharedStates] {
  const memory = sharedStatesMemory(states);
  return [new SharedStates(memory), new SharedStates(memory)];
}

describe('SharedStates', () => {
  it('leaves out what another thread has tried, and counts a state where it was new', () => {
    const [one, two] = pair();
    expect(one.enter(KEY, [0, 1, onCpu(1, 3)], [])).to.deep.equal([0, 1, onCpu(1, 3)]);
    expect(two.enter(KEY, [0, 1, onCpu(1, 3)], [])).to.deep.equal([]);
    expect(two.enter(KEY - 1, [0], [])).to.deep.equal([0]);
    expect([one.size, two.size]).to.deep.equal([1, 1]);
  });

  it('has steps tried that were asleep and are awake', () => {
    const [one, two] = pair();
    one.enter(KEY, [0, 1], [onCpu(2, 1), 3]);
    expect(two.enter(KEY, [0, 1, onCpu(2, 1)], [3])).to.deep.equal([onCpu(2, 1)]);
    expect(two.enter(KEY, [0, 1, onCpu(2, 1)], [3])).to.deep.equal([]);
    expect(one.enter(KEY, [0, 1, onCpu(2, 1), 3], [])).to.deep.equal([3]);
    expect(one.enter(KEY, [0, 1, onCpu(2, 1), 3], [])).to.deep.equal([]);
  });

  it('does not take together what two visits left out crosswise', () => {
    const [one, two] = pair();
    one.enter(KEY, [0], [1]);
    expect(two.enter(KEY, [1], [0])).to.deep.equal([1]);
    // Both were tried, but what comes after 0 and 1 may have been left to the other by each.
    expect(one.enter(KEY, [0, 1], [])).to.have.lengthOf(1);
    expect(one.enter(KEY, [0, 1], [])).to.deep.equal([]);
  });

  it('leaves out a step only if one visit with no more asleep than now came before', () => {
    const sets = fc.subarray([0, 1, 2, 3, 4, 5]);
    fc.assert(
      fc.property(fc.array(sets, { minLength: 1, maxLength: 8 }), (visits) => {
        const both = pair();
        const before: (readonly number[])[] = [];
        for (const [i, asleep] of visits.entries()) {
          const open = [0, 1, 2, 3, 4, 5].filter((choice) => !asleep.includes(choice));
          const tried = both[i % 2 === 0 ? 0 : 1].enter(KEY, open, asleep);
          const reliesOn = before.filter((other) =>
            open.every((choice) => tried.includes(choice) || !other.includes(choice)),
          );
          expect(tried.length === open.length || reliesOn.length > 0).to.equal(true);
          before.push(asleep);
        }
      }),
    );
  });

  it('tries everything where there is no room, and steps that a mask has no bit for', () => {
    const [one, two] = pair(1);
    for (let key = 0; key < 300; key += 1) one.enter(key, [0], []);
    let again = 0;
    for (let key = 0; key < 300; key += 1) again += two.enter(key, [0], []).length;
    expect(again).to.equal(300 - 224);

    const [three, four] = pair();
    const steps = Array.from({ length: 70 }, (_, i) => i);
    three.enter(KEY, [], steps);
    expect(four.enter(KEY, steps, [])).to.deep.equal(steps);
    expect(four.enter(KEY, steps, [])).to.deep.equal([]);
    three.enter(KEY + 1, [0], [68]);
    expect(four.enter(KEY + 1, [0, 69], [68])).to.deep.equal([69]);
  });

  it('refuses a number of states that is none', () => {
    for (const states of [0, 1.5, 2 ** 30]) expect(() => sharedStatesMemory(states)).to.throw(ConfigError);
  });
});
