import { expect } from 'chai';
import { Execution, defineProgram, isDefinedProgram } from 'scatterlist/explore';
import { NondeterminismError } from '../../../lib/explore/strategy.ts';
import { STOP } from '../../../lib/explore/world.ts';

/** A task that polls, and one that ends its waiting. */
function polling(): Execution {
  const program = defineProgram({
    setup: () => ({ state: { done: false } }),
    tasks: {
      *poller({ state }) {
        while (!state.done) yield;
      },
      *other({ state }) {
        yield;
        state.done = true;
      },
    },
  });
  if (!isDefinedProgram(program)) throw new Error('no program');
  return new Execution(program);
}

describe('Reruns', () => {
  it('leave an execution in the schedule in which it was', () => {
    const world = polling();
    world.begin(() => STOP);
    // After four equal steps it is looked whether the task goes round.
    for (const choice of [1, 0, 0, 0, 0, 0]) world.take(choice);
    expect([world.schedule, world.choices]).to.deep.equal([
      [1, 0, 0, 0, 0, 0],
      [0, 1],
    ]);
    world.take(1);
    world.take(0);
    expect([world.choices, world.violation]).to.deep.equal([[], undefined]);
  });

  it('tell the lines at which actors stopped in the last steps', () => {
    const world = polling();
    world.begin(() => STOP);
    for (const choice of [0, 0, 1]) world.take(choice);
    const lines = [...world.rounds.reruns.linesOfLast(2)].map(
      ([name, at]) => [name, [...at].join()] as const,
    );
    expect(lines.map(([name]) => name).sort()).to.deep.equal(['other', 'poller']);
    for (const [, at] of lines) expect(at).to.match(/reruns\.spec\.ts:\d+/);
  });

  it('find a program that does something else the second time', () => {
    let runs = 0;
    const world = new Execution({
      tasks: {
        *poller() {
          runs += 1;
          for (let i = 0; runs === 1 || i < 2; i += 1) yield;
        },
      },
    });
    world.begin(() => STOP);
    expect(() => {
      for (let i = 0; i < 8; i += 1) world.take(0);
    }).to.throw(NondeterminismError);
  });
});
