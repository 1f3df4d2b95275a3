import { expect } from 'chai';

import { History } from '../../../lib/explore/loops/history.ts';

function after(...learnt: readonly number[]): History {
  const history = new History();
  for (const [i, one] of learnt.entries()) history.add(one, i + 1);
  return history;
}

describe('History', () => {
  it('has a key for what was learnt, in order', () => {
    expect(after(1, 2).key).to.equal(after(1, 2).key);
    expect(
      new Set([after(), after(1), after(2), after(1, 2), after(2, 1)].map(({ key }) => key)).size,
    ).to.equal(5);
    expect(after(1, 2).length).to.equal(2);
  });

  it('has a second key without what was learnt of places', () => {
    const history = new History();
    history.add(5, 1, 1);
    history.add(2, 2, 2);
    expect(history.placelessKey).to.equal(after(1, 2).key);
    expect(history.key).to.equal(after(5, 2).key);
    expect([after().placelessKey, after(1, 2).placelessKey]).to.deep.equal([0, after(1, 2).key]);
  });

  it('takes four equal steps, or two equal rounds, for what may be a loop', () => {
    expect(after(1, 2, 3, 4, 5, 6).periods()).to.deep.equal([]);
    expect(after(9, 1, 1, 1).periods()).to.deep.equal([]);
    expect(after(9, 1, 1, 1, 1).periods()).to.deep.equal([1, 2]);
    expect(after(9, 1, 2, 1, 2).periods()).to.deep.equal([2]);
    expect(after(9, 1, 2, 3, 1, 2, 3).periods()).to.deep.equal([3]);
    expect(after(9, 1, 2, 2, 1, 2, 2).periods()).to.deep.equal([1, 3]);
    expect(after(9, 1, 2, 3, 1, 2).periods()).to.deep.equal([]);
  });

  it('looks again after four times as many steps, not after each', () => {
    const history = new History();
    const looks: number[] = [];
    for (let step = 1; step <= 300; step += 1) {
      history.add(7, step);
      if (history.periods().length > 0) looks.push(step);
    }
    expect(looks).to.deep.equal([4, 16, 64, 256]);
  });

  it('of a hundred thousand steps holds some thousands, and has the key and the loops of all', () => {
    const [long, same] = [new History(), new History()];
    for (let step = 1; step <= 100_000; step += 1) for (const one of [long, same]) one.add(step % 977, step);
    for (const learnt of [1, 2, 1, 2]) long.add(learnt, 1);
    expect([long.length, long.periods(), long.run(2)]).to.deep.equal([100_004, [2], 2]);
    expect(long.key).to.not.equal(same.key);
    long.forget(2);
    long.forget(2);
    expect([long.length, long.key]).to.deep.equal([same.length, same.key]);
    for (let round = 0; round < 99_999; round += 1) long.forget(1);
    expect(long.length).to.be.within(90_000, 97_000);
  });

  it('counts equal rounds', () => {
    expect(after().repeated).to.deep.equal({ times: 1, period: 1 });
    expect(after(1, 2, 3).repeated).to.deep.equal({ times: 1, period: 1 });
    expect(after(9, 1, 1, 1).repeated).to.deep.equal({ times: 3, period: 1 });
    expect(after(9, 1, 2, 1, 2, 1, 2).repeated).to.deep.equal({ times: 3, period: 2 });
  });

  it('forgets a round, and is as it was before', () => {
    const history = after(9, 1, 2, 1, 2);
    const before = after(9, 1, 2);
    history.forget(2);
    expect([history.length, history.key]).to.deep.equal([before.length, before.key]);
    history.add(1, 6);
    history.add(2, 7);
    expect(history.periods()).to.deep.equal([2]);
    expect([history.numberOf(0), history.numberOf(2)]).to.deep.equal([7, 3]);
    expect(history.run(2)).to.equal(2);
  });
});
