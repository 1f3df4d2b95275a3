import { expect } from 'chai';

import type { Actor } from '../../../lib/explore/actor.ts';
import { END } from '../../../lib/explore/choice.ts';
import { Patience } from '../../../lib/explore/loops/patience.ts';
import { actorOf } from './actors.ts';

interface Fixture {
  readonly patience: Patience;
  readonly actors: readonly Actor[];
  /** An actor takes a step and learns a number. */
  readonly act: (index: number, learnt?: number) => void;
  readonly offered: (last: number, ...choices: readonly number[]) => readonly number[];
}

function setUp(...actors: readonly Actor[]): Fixture {
  const patience = new Patience();
  const at = (index: number): Actor => actors[index] ?? actorOf(index);
  return {
    patience,
    actors,
    act(index, learnt = 7) {
      at(index).history.add(learnt, at(index).history.length + 1);
      patience.acted(at(index));
    },
    offered(last, ...given) {
      const choices = [...given];
      patience.restrict(choices, last, at);
      return choices;
    },
  };
}

describe('Patience', () => {
  it('is lost from the next schedules on', () => {
    const { patience } = setUp();
    patience.loseWith(0);
    expect([patience.lost, patience.settle(), patience.lost]).to.deep.equal([0, true, 1]);
    patience.loseWith(0);
    expect([patience.settle(), patience.lost]).to.deep.equal([false, 1]);
  });

  it('lets an actor that polls look some times, then once after each step of another', () => {
    const { patience, act, offered } = setUp(actorOf(0), actorOf(1));
    patience.loseWith(0);
    patience.settle();
    patience.begin();
    for (let i = 0; i < 15; i += 1) act(0);
    expect(offered(0, 0, 1)).to.deep.equal([0, 1]);
    act(0);
    expect(offered(0, 0, 1)).to.deep.equal([1]);
    expect(offered(0, 0)).to.deep.equal([0]);
    expect(offered(0, 0, END)).to.deep.equal([0, END]);
    act(1);
    expect(offered(1, 0, 1)).to.deep.equal([0, 1]);
    act(0);
    expect(offered(0, 0, 1)).to.deep.equal([1]);
    // What it has learnt now is new.
    act(1);
    act(0, 8);
    expect(offered(0, 0, 1)).to.deep.equal([0, 1]);
  });

  it('lets actors that only poll take turns, and an interrupt arrive that need not come', () => {
    const { patience, act, offered } = setUp(actorOf(0), actorOf(1), actorOf(2, true));
    for (const index of [0, 1]) patience.loseWith(index);
    patience.settle();
    patience.begin();
    for (let i = 0; i < 20; i += 1) for (const index of [0, 1]) act(index);
    expect(offered(1, 0, 1)).to.deep.equal([0]);
    expect(offered(0, 0, 1)).to.deep.equal([1]);
    expect(offered(0, 0, 1, 2)).to.deep.equal([1, 2]);
  });

  it('is not lost with others', () => {
    const { patience, act, offered } = setUp(actorOf(0), actorOf(1));
    for (let i = 0; i < 99; i += 1) act(0);
    expect(offered(0, 0, 1)).to.deep.equal([0, 1]);
    patience.loseWith(1);
    patience.settle();
    expect(offered(0, 0, 1)).to.deep.equal([0, 1]);
  });
});
