import { expect } from 'chai';
import { Execution, defineProgram, isDefinedProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { OutOfTime, STOP } from '../../../lib/explore/world.ts';

interface Env {
  done: boolean;
  rounds: number;
}

/** A task that waits, and one that ends its waiting if it is let. */
const waiting: Program<Env> = {
  setup: () => ({ done: false, rounds: 0 }),
  tasks: {
    *poller(env) {
      while (!env.done) yield;
    },
    *other(env) {
      yield;
      env.done = true;
    },
  },
};

function begun(program: Program<Env>): Execution {
  const defined = defineProgram(program);
  if (!isDefinedProgram(defined)) throw new Error('no program');
  const world = new Execution(defined);
  world.begin(() => STOP);
  return world;
}

/** Lets actors take steps until the schedule ends, or as often as given. */
function goOn(world: Execution, actors: readonly number[], steps: number): void {
  for (let i = 0; i < steps && world.choices.length > 0; i += 1) world.take(actors[i % actors.length] ?? 0);
}

describe('Rounds', () => {
  it('are seen where a task has come back to where it was, and starve who could end them', () => {
    const world = begun(waiting);
    goOn(world, [0], 3);
    expect([world.looped, world.repeats]).to.deep.equal([false, false]);
    goOn(world, [0], 5);
    expect([world.looped, world.repeats, world.violation]).to.deep.equal([true, true, undefined]);
    world.take(1);
    expect([world.looped, world.repeats]).to.deep.equal([false, false]);
    goOn(world, [1, 0], 2);
    expect([world.choices, world.violation]).to.deep.equal([[], undefined]);
  });

  it('end a schedule in which every actor gets its turn', () => {
    const world = begun({
      ...waiting,
      tasks: {
        *first(env) {
          while (!env.done) yield;
        },
        *second(env) {
          while (!env.done) yield;
        },
      },
    });
    goOn(world, [0, 1], 100);
    expect([world.violation?.rule, world.choices]).to.deep.equal(['livelock', []]);
    expect([...(world.rounds.cycle?.acting ?? [])].sort()).to.deep.equal([0, 1]);
  });

  it('let all take turns where a schedule that is too long starves an actor', () => {
    const world = begun({ ...waiting, maxSteps: 40 });
    goOn(world, [0], 40);
    // It takes turns from there, so that the other ends it.
    while (world.choices.length > 0) world.take(world.choices[0] ?? 0);
    expect(world.violation).to.equal(undefined);
  });

  it('tell why a loop that counts was not explored to its end, and who waits', () => {
    const world = begun({
      ...waiting,
      maxSteps: 60,
      tasks: {
        *counter(env) {
          for (let tries = 0; !env.done; tries += 1) yield;
        },
        *other(env) {
          yield;
          env.done = true;
        },
      },
    });
    goOn(world, [0], 61);
    expect([world.rounds.hasEndless, world.schedule.length]).to.deep.equal([true, 61]);
    expect(world.unexplored).to.match(/task "counter".*for ever while.*"other" waits.*"tries" is different/);
  });

  it('report a schedule that does not end although its states are new', () => {
    const world = begun({
      ...waiting,
      maxSteps: 30,
      tasks: {
        *counter(env) {
          for (;;) {
            env.rounds += 1;
            yield;
          }
        },
      },
    });
    goOn(world, [0], 100);
    expect([world.violation?.rule, world.schedule.length]).to.deep.equal(['no-progress', 31]);
  });

  it('leave the schedule as it was where the time ends while they are looked at', () => {
    const world = begun(waiting);
    // The task has gone on alone for a while then.
    let asked = 0;
    world.isOver = () => (asked += 1) > 100;
    expect(() => {
      goOn(world, [0], 8);
    }).to.throw(OutOfTime);
    expect(asked).to.equal(101);
    expect(world.schedule.length).to.be.within(4, 8);
  });
});
