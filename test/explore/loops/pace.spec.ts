import { expect } from 'chai';

import type { Actor } from '../../../lib/explore/actor.ts';
import { END } from '../../../lib/explore/choice.ts';
import { Pace } from '../../../lib/explore/loops/pace.ts';
import { actorOf } from './actors.ts';

const ACTORS = [actorOf(0), actorOf(1), actorOf(2, true)];
const at = (index: number): Actor => ACTORS[index] ?? actorOf(index);

function offered(pace: Pace, length: number, last: number, ...given: readonly number[]): readonly number[] {
  const choices = [...given];
  pace.restrict(choices, length, last, at);
  return choices;
}

describe('Pace', () => {
  it('lets all take turns from the limit on, for as many steps again', () => {
    const pace = new Pace(100);
    pace.begin();
    expect(offered(pace, 70, 0, 0, 1)).to.deep.equal([0, 1]);
    expect(pace.stageAt(100)).to.equal('goes on');
    expect(pace.stageAt(101)).to.equal('takes turns from here');
    expect(offered(pace, 101, 0, 0, 1)).to.deep.equal([1]);
    expect(offered(pace, 102, 1, 0, 1)).to.deep.equal([0]);
    expect(offered(pace, 102, 0, 0, 2)).to.deep.equal([0]);
    expect(offered(pace, 102, 0, 2, END)).to.deep.equal([2, END]);
    expect([pace.stageAt(200), pace.stageAt(201)]).to.deep.equal(['goes on', 'is too long']);
    pace.begin();
    expect(offered(pace, 70, 0, 0, 1)).to.deep.equal([0, 1]);
  });

  it('ends at the limit where one actor was alone in the second half', () => {
    for (const choices of [[0], [0, 2], [0, 1024]]) {
      const pace = new Pace(100);
      pace.begin();
      offered(pace, 50, 0, 0, 1);
      offered(pace, 51, 0, ...choices);
      expect(pace.stageAt(101), choices.join()).to.equal('is too long');
    }
  });
});
