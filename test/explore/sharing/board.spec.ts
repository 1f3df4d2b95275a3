import { expect } from 'chai';
import { Board, boardMemory } from '../../../lib/explore/sharing/board.ts';

function pair(): readonly [Board, Board] {
  const memory = boardMemory();
  return [new Board(memory), new Board(memory)];
}

const PLACE = 2 ** 52 + 99;

describe('Board', () => {
  it('shows where the members are', () => {
    const [one, two] = pair();
    one.enter(PLACE, 3);
    two.enter(PLACE, 3);
    expect([one.at(PLACE, 3), one.at(PLACE, 4), one.at(PLACE - 1, 3)]).to.deep.equal([2, 0, 0]);
    one.leave(PLACE, 3);
    expect(two.at(PLACE, 3)).to.equal(1);
  });

  it('adds up what the members did', () => {
    const [one, two] = pair();
    one.did({ schedules: 1, steps: 10, states: 4, pruned: 0 });
    two.did({ schedules: 2, steps: 2 ** 40, states: 0, pruned: 5 });
    one.did({ schedules: 3, steps: 20, states: 6, pruned: 1 });
    expect(new Board().work).to.deep.equal({ schedules: 0, steps: 0, states: 0, pruned: 0 });
    expect(two.work).to.deep.equal({ schedules: 5, steps: 2 ** 40 + 20, states: 6, pruned: 6 });
  });

  it('keeps the first verdict, and the first gap', () => {
    const [one, two] = pair();
    expect([one.isDecided, one.verdict, one.gap]).to.deep.equal([false, undefined, undefined]);
    two.gap = 'a handler waits';
    one.gap = 'another';
    two.decide('{"isEnd":true}');
    one.decide('{}');
    expect([one.isDecided, one.verdict, one.gap]).to.deep.equal([true, '{"isEnd":true}', 'a handler waits']);
  });

  it('tells with which actor a state was begun', () => {
    const [one, two] = pair();
    expect(two.firstIn(PLACE)).to.equal(undefined);
    one.begins(PLACE, 0);
    one.begins(PLACE + 1, 1023);
    expect([two.firstIn(PLACE), two.firstIn(PLACE + 1), two.firstIn(PLACE + 2 ** 18)]).to.deep.equal([
      0,
      1023,
      undefined,
    ]);
  });
});
